import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterModules } from './bundle/contract/bundle.ts';

const requireFromHere = createRequire(import.meta.url);

/** The version of bgfn itself. */
export function bgfnVersion(): string {
  return versionIn(fileURLToPath(new URL('../../package.json', import.meta.url)));
}

/**
 * The adapter that ships with bgfn. It lies beside this folder in src/ (`.ts`) and dist/ (`.js`),
 * and beside `dist/cli/`, where `bgfn-build` has this module.
 */
export function adapterModules(): AdapterModules {
  return { whole: adapterModule('index'), httpOnly: adapterModule('http-only') };
}

function adapterModule(name: string): string {
  return fileURLToPath(
    new URL(`../adapter/${name}${path.extname(import.meta.url)}`, import.meta.url),
  );
}

/**
 * Every tool whose version can change the bytes of an artifact. Read from their package.json files:
 * none of them is loaded.
 */
export function toolVersions(): Record<string, string> {
  return {
    bgfn: bgfnVersion() + sourceFingerprint(),
    esbuild: installedVersion('esbuild'),
    nft: installedVersion('@vercel/nft'),
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
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof data === 'object' && data !== null && 'version' in data
      ? String(data.version)
      : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** While bgfn runs from its own sources, they change without its version; empty once it is compiled. */
function sourceFingerprint(): string {
  const self = fileURLToPath(import.meta.url);
  if (!self.endsWith('.ts')) return '';
  const root = path.dirname(path.dirname(self));
  const newest = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:adapter|builder|manifest)\b/.test(name))
    .map((name) => statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return `+${Math.max(...newest)}`;
}
