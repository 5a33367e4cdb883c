import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { missingMachineCode } from '../hints/incomplete-install.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName } from '../packages/package.ts';
import { isCode } from '../syntax/code-file.ts';
import type { ExternalFiles } from './external-search.ts';

export interface MissingAddonScope {
  readonly traced: ExternalFiles;
  /** Directories of the packages that bundled code imports. */
  readonly imported: ReadonlySet<string>;
  readonly functionName: string;
  readonly packages: PackageIndex;
  readonly projectDirectory: string;
}

/**
 * Warns of packages that load an addon and have none, because their install script has not run:
 * package managers ask before they run one. The function fails when it loads such a package.
 */
export function missingAddonWarnings(scope: MissingAddonScope): readonly Diagnostic[] {
  const { traced, imported, functionName, packages, projectDirectory } = scope;
  return [...traced.addonUsers].flatMap((directory): readonly Diagnostic[] => {
    const owner = packages.at(directory);
    const files = traced.files.get(directory);
    if (owner === undefined || files === undefined || !imported.has(directory)) return [];
    const isBuilt =
      owner.json.scripts?.['install'] !== undefined ||
      existsSync(path.join(directory, 'binding.gyp'));
    if (!isBuilt || hasAddon(directory) || [...files].some(hasFallback)) return [];
    const location = { file: path.join(directory, 'package.json'), line: 1, column: 1 };
    const advice = missingMachineCode(directory, importName(owner), projectDirectory);
    return [{ severity: 'warning', ...advice, location, functionName }];
  });
}

function hasAddon(directory: string): boolean {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((file) =>
    file.endsWith('.node'),
  );
}

/** Whether a module goes on without the addon: `try { require('node-gyp-build')(__dirname) }`. */
function hasFallback(file: string): boolean {
  return (
    isCode(file) &&
    /\btry\s*\{[^}]*\brequire\(\s*['"](?:bindings|node-gyp-build|pkg-prebuilds|prebuildify|[^'"]*\.node)\b/.test(
      readFileSync(file, 'utf8'),
    )
  );
}
