import type { BundleTarget } from '../contract/bundle-options.ts';
import type { Package } from './package.ts';

/** Whether a package is made for some machines only, as `@img/sharp-linux-x64` is. */
export function isPlatformPackage({ json }: Package): boolean {
  return json.os !== undefined || json.cpu !== undefined || json.libc !== undefined;
}

/**
 * Whether a package manager would install the package on the target. The fields os, cpu and libc
 * decide; a `!` in them means "not".
 */
export function fitsTarget({ json: { os, cpu, libc } }: Package, target: BundleTarget): boolean {
  return (
    allows(os, target.platform) &&
    allows(cpu, target.arch) &&
    (target.platform !== 'linux' || allows(libc, target.libc))
  );
}

/** Whether a platform package is WebAssembly, which runs on any machine. */
export function isWebAssembly({ json }: Package): boolean {
  return json.cpu?.includes('wasm32') === true;
}

function allows(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((item) => item.startsWith('!'));
}
