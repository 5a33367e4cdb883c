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
 * The versions of all tools that can change the bytes of an artifact. The versions are read from
 * package.json files, so that none of the tools is loaded.
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
 * A text that changes with bgfn's own sources, for a bgfn that runs from its sources: the sources
 * change without a new version. Empty for a compiled bgfn.
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
