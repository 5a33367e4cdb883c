import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const requireFromHere = createRequire(import.meta.url);

/** The version of bgfn itself. */
export function bgfnVersion(): string {
  return versionIn(fileURLToPath(new URL('../../package.json', import.meta.url)));
}

/**
 * The versions of every tool that can change the bytes of an artifact. They are read from the
 * tools' package.json files, so none of the tools is loaded.
 */
export function toolVersions(): Record<string, string> {
  return {
    bgfn: bgfnVersion() + sourceFingerprint(),
    esbuild: installedVersion('esbuild'),
    nft: installedVersion('@vercel/nft'),
    archiver: installedVersion('archiver'),
    node: process.version,
    zlib: process.versions.zlib,
  };
}

function installedVersion(name: string): string {
  for (const directory of requireFromHere.resolve.paths(name) ?? []) {
    const version = versionIn(path.join(directory, name, 'package.json'));
    if (version !== 'unknown') return version;
  }
  return 'unknown';
}

function versionIn(file: string): string {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null && 'version' in content
      ? String(content.version)
      : 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * Tells the states of bgfn's own sources apart while it runs from them, when they change without a
 * new version; empty once it is compiled.
 */
function sourceFingerprint(): string {
  const self = fileURLToPath(import.meta.url);
  if (!self.endsWith('.ts')) return '';
  const root = path.dirname(path.dirname(self));
  const newest = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:adapter|builder|manifest)\b/.test(name))
    .map((name) => statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return `+${Math.max(...newest)}`;
}
