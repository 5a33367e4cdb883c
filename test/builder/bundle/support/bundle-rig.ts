import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { adapterModules } from '../../../../src/builder/adapter-modules.ts';
import { bundleFunction } from '../../../../src/builder/bundle/bundle-function.ts';
import type { BundleOptions } from '../../../../src/builder/bundle/contract/bundle-options.ts';
import type { Bundle } from '../../../../src/builder/bundle/contract/bundle.ts';
import {
  createBundleSession,
  type BundleSession,
} from '../../../../src/builder/bundle/session/session.ts';
import type {
  BundlingSettings,
  FunctionSpec,
} from '../../../../src/builder/discover/function-spec.ts';
import type { Outcome } from '../../../../src/diagnostic/outcome.ts';
import { javascriptSpec } from '../../../support/function-spec.ts';

const execute = promisify(execFile);
const callHandler = path.join(import.meta.dirname, '../programs/call-handler.ts');

/**
 * A project in a temporary directory. The rig bundles its functions with esbuild, and calls them
 * from a directory in which nothing of the project can be found.
 */
export class BundleRig implements AsyncDisposable {
  readonly root: string;
  readonly project: string;

  private constructor(root: string) {
    this.root = root;
    this.project = path.join(root, 'project');
  }

  /** Creates a project. `files`: path → content; `links`: path → target, relative to the link. */
  static async create(
    files: Readonly<Record<string, string | Uint8Array>>,
    links: Readonly<Record<string, string>> = {},
  ): Promise<BundleRig> {
    const rig = new BundleRig(await realpath(await mkdtemp(path.join(tmpdir(), 'bgfn-bundle-'))));
    await rig.write(files);
    for (const [file, target] of Object.entries(links)) {
      const place = path.join(rig.project, file);
      await mkdir(path.dirname(place), { recursive: true });
      await symlink(target, place);
    }
    return rig;
  }

  /** Writes files, path → content, and overwrites existing files. */
  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      const place = path.join(this.project, file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, text);
    }
  }

  bundle(
    file: string,
    bundling: Partial<BundlingSettings> = {},
    options: Partial<BundleOptions> = {},
    session: BundleSession = createBundleSession(),
  ): Promise<Outcome<Bundle>> {
    return bundleFunction({
      spec: this.spec(file, bundling),
      options: {
        projectDirectory: this.project,
        minify: false,
        sourcemap: false,
        adapter: adapterModules(),
        target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
        ...options,
      },
      session,
    });
  }

  spec(file: string, bundling: Partial<BundlingSettings> = {}): FunctionSpec {
    return javascriptSpec(this.project, path.join(this.project, file), bundling);
  }

  /**
   * Writes the bundle's files, renames the project's directory and calls the handler in a new
   * process with only these environment variables; returns the body of the response.
   */
  async call(bundle: Bundle, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const output = path.join(this.root, 'artifact');
    await rm(output, { recursive: true, force: true });
    for (const file of filesOf(bundle)) {
      const place = path.join(output, file.path);
      await mkdir(path.dirname(place), { recursive: true });
      if ('bytes' in file.content) await writeFile(place, file.content.bytes);
      else await copyFile(file.content.copyFrom, place);
      await chmod(place, file.mode);
    }
    await rename(this.project, `${this.project}.hidden`);
    try {
      // The program is copied, so that it cannot import anything of this repository either.
      const program = path.join(this.root, 'call-handler.ts');
      await copyFile(callHandler, program);
      const entry = path.join(output, bundle.handler.replace('.handler', '.mjs'));
      const { stdout } = await execute(process.execPath, [program, entry], {
        cwd: output,
        env,
      });
      return stdout;
    } finally {
      await rename(`${this.project}.hidden`, this.project);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Returns the bundle of an outcome. Throws the diagnostics when the outcome is not ok. */
export function bundleOf(outcome: Outcome<Bundle>): Bundle {
  if (!outcome.ok) {
    throw new Error(
      outcome.diagnostics
        .map(({ message, location }) => `${location?.file ?? ''}:${location?.line ?? 0} ${message}`)
        .join('\n'),
    );
  }
  return outcome.value;
}

export function filesOf(bundle: Bundle): Extract<Bundle['content'], { kind: 'files' }>['files'] {
  if (bundle.content.kind !== 'files') throw new Error('The bundle is a zip.');
  return bundle.content.files;
}

export function pathsOf(bundle: Bundle): readonly string[] {
  return filesOf(bundle).map(({ path: file }) => file);
}

/** Returns the text of a generated file of a bundle. */
export function textOf(bundle: Bundle, file: string): string {
  const found = filesOf(bundle).find((one) => one.path === file);
  if (found === undefined || !('bytes' in found.content)) {
    throw new Error(`No generated file ${file}.`);
  }
  return Buffer.from(found.content.bytes).toString();
}
