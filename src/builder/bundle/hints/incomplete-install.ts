import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { InstalledPackage } from './installed-package.ts';
import { rebuildCommand, reinstallCommand } from './reinstall-command.ts';

type Advice = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/** Explains a package of which a file is missing. */
export function incompleteInstall(
  { directory, isWorkspace, missing }: Extract<InstalledPackage, { state: 'incomplete' }>,
  projectDirectory: string,
): Advice {
  const place = shown(directory, projectDirectory);
  return isWorkspace && missing !== 'package.json'
    ? {
        code: 'INSTALL_INCOMPLETE',
        message: `${place} is not built: ${missing}, which its package.json names, is missing.`,
        hint: `Build that package before the functions.`,
      }
    : incomplete(place, `${missing} is missing`, directory);
}

/** Explains a package of which a file that its own code needs is missing. */
export function missingOwnFile(
  directory: string,
  specifier: string,
  projectDirectory: string,
): Advice {
  const problem = `"${specifier}", which its code loads, is missing`;
  return incomplete(shown(directory, projectDirectory), problem, directory);
}

/** Explains a package that needs another one which is not installed. */
export function missingDependency(
  directory: string,
  dependency: string,
  projectDirectory: string,
): Advice {
  const problem = `its dependency ${dependency} is missing`;
  return incomplete(shown(directory, projectDirectory), problem, directory);
}

/** Explains a package whose install script has not made or fetched its addon. */
export function missingMachineCode(
  directory: string,
  name: string,
  projectDirectory: string,
): Advice {
  const { message, code } = incomplete(
    shown(directory, projectDirectory),
    'the addon that its code loads is missing, because its install script has not run',
    directory,
  );
  return { code, message, hint: `Run "${rebuildCommand(directory, name)}".` };
}

function incomplete(place: string, problem: string, directory: string): Advice {
  return {
    code: 'INSTALL_INCOMPLETE',
    message: `${place} is incompletely installed: ${problem}.`,
    hint: `Run "${reinstallCommand(directory)}".`,
  };
}

function shown(directory: string, projectDirectory: string): string {
  return path.relative(projectDirectory, directory).split(path.sep).join('/');
}
