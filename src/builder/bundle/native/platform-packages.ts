import { readFileSync } from 'node:fs';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName, type Package } from '../packages/package.ts';
import { isPlatformPackage } from '../packages/platform-package.ts';
import { isCode } from '../syntax/code-file.ts';
import type { FileScans } from '../syntax/file-scans.ts';

/** Words for operating systems and processors in the names of platform packages. */
const machineWord =
  /(?<![a-z0-9])(?:linux|linuxmusl|darwin|macos|win32|windows|freebsd|openbsd|netbsd|sunos|aix|android|openharmony|x64|arm64|arm|ia32|universal|wasm32)(?![a-z])/;
/** Matches a text that asks for the machine that it runs on. */
const asksForMachine = /\b(?:platform|arch|optionalDependencies)\b/;

/**
 * Knows the platform packages of each package, and which of the package's files load them. The
 * answers are remembered.
 */
export class PlatformPackages {
  readonly #packages: PackageIndex;
  readonly #scans: FileScans;
  readonly #byDirectory = new Map<string, readonly Package[]>();
  readonly #loads = new Map<string, boolean>();

  constructor(packages: PackageIndex, scans: FileScans) {
    this.#packages = packages;
    this.#scans = scans;
  }

  /**
   * Returns the installed packages with the binaries of a package, as sharp's
   * `@img/sharp-linux-x64`.
   */
  of({ directory, json }: Package): readonly Package[] {
    const known = this.#byDirectory.get(directory);
    if (known !== undefined) return known;
    const found = Object.keys(json.optionalDependencies)
      .map((name) => this.#packages.findFrom(directory, name))
      .filter((one) => one !== undefined)
      .filter(isPlatformPackage);
    this.#byDirectory.set(directory, found);
    return found;
  }

  /**
   * Whether a file can load the platform packages of its package. A large package has many files
   * without a use for its binaries: a framework brings a compiler, and a function imports one of
   * the framework's helpers.
   */
  areLoadedBy(file: string, owner: Package): boolean {
    const names = this.of(owner).map(importName);
    if (names.length === 0 || !isCode(file)) return false;
    let loads = this.#loads.get(file);
    if (loads === undefined) {
      loads = this.#canLoad(file, [...new Set(names.map(nameBeforeMachine))]);
      this.#loads.set(file, loads);
    }
    return loads;
  }

  /**
   * A file that loads platform packages has their names, or the part of a name before the machine,
   * or looks for an addon, or asks for the machine and computes what it loads.
   */
  #canLoad(file: string, stems: readonly string[]): boolean {
    const findings = this.#scans.findingsIn(file);
    if (findings.has('native')) return true;
    const text = readFileSync(file, 'latin1');
    if (stems.some((stem) => text.includes(stem))) return true;
    if (!asksForMachine.test(text)) return false;
    return (
      findings.has('named-modules') || findings.has('own-modules') || findings.has('own-directory')
    );
  }
}

/**
 * `@img/sharp-linux-x64` → `@img/sharp-`, as code writes it before the machine. `@scope/linux-x64`
 * → `@scope`, because code may join a path of the parts.
 */
function nameBeforeMachine(name: string): string {
  const at = name.search(machineWord);
  if (at <= 0) return name;
  return name.slice(0, name[at - 1] === '/' ? at - 1 : at);
}
