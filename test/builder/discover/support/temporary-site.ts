import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  loadProjectConfig,
  type ProjectConfig,
} from '../../../../src/builder/config/project-config.ts';
import { discover } from '../../../../src/builder/discover/discover.ts';
import type { FunctionSpec } from '../../../../src/builder/discover/function-spec.ts';
import { renderCodeFrame } from '../../../../src/diagnostic/code-frame.ts';
import type { Diagnostic } from '../../../../src/diagnostic/diagnostic.ts';

/** The contents of files by their paths, which are relative to the site's root. */
export type SiteFiles = Readonly<Record<string, string | Uint8Array>>;

/** A site on disk for one test; `await using` removes it. */
export class TemporarySite implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(files: SiteFiles): Promise<TemporarySite> {
    const site = new TemporarySite(
      await realpath(await mkdtemp(path.join(tmpdir(), 'bgfn-discover-'))),
    );
    await mkdir(path.join(site.directory, 'netlify/functions'), { recursive: true });
    for (const [name, content] of Object.entries(files)) await site.write(name, content);
    return site;
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  async config(
    options: { functionsDirectories?: readonly string[]; configFile?: string } = {},
  ): Promise<ProjectConfig> {
    return await loadProjectConfig({ projectDirectory: this.directory, ...options });
  }

  async discover(): Promise<{
    specs: readonly FunctionSpec[];
    diagnostics: readonly Diagnostic[];
  }> {
    return await discover(await this.config());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Discovers the functions of a site that exists only during the call. */
export async function discoverSite(
  files: SiteFiles,
): Promise<{ specs: readonly FunctionSpec[]; diagnostics: readonly Diagnostic[] }> {
  await using site = await TemporarySite.create(files);
  return await site.discover();
}

/** The spec of the only function of a site. Fails when there are diagnostics. */
export async function specOf(
  name: string,
  source: string,
  more: SiteFiles = {},
): Promise<FunctionSpec> {
  const { specs, diagnostics } = await discoverSite({
    ...more,
    [`netlify/functions/${name}`]: source,
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const [spec] = specs;
  if (spec === undefined || specs.length !== 1) {
    throw new Error(`Expected one function, found ${specs.length}.`);
  }
  return spec;
}

/** The text that a location underlines: the text above the carets of its code frame. */
export function underlined(source: string, location: Diagnostic['location']): string {
  if (location === undefined) return '';
  const frame = renderCodeFrame(source, location).split('\n');
  const caretLine = frame.findIndex((line) => /^\s+\| *\^+$/.test(line));
  const carets = frame[caretLine] ?? '';
  return (frame[caretLine - 1] ?? '').slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1);
}
