import path from 'node:path';
import type { ProjectFiles } from '../../copied-files/project-files.ts';
import { secretMarks } from './secrets.ts';

/** A text with none of these names no own location, loads no computed module and has no secret. */
const needle = new RegExp(
  [
    '__dirname',
    '__filename',
    String.raw`import\.meta`,
    String.raw`\bcwd\b`,
    'LAMBDA_TASK_ROOT',
    'createRequire',
    'loadEnvFile',
    String.raw`require\.`,
    String.raw`\brequire\((?!\s*['"][^'"]*['"]\s*\))`,
    String.raw`\bimport\((?!\s*['"][^'"]*['"]\s*[,)])`,
    String.raw`constructor\.name`,
    ...secretMarks,
  ].join('|'),
);

/**
 * Matches the start of a string that is not the specifier of an import, up to its first slash: the
 * first name of a path.
 */
const firstName =
  /(?<!\b(?:from|import|require)\s*\(?\s*)["'`]((?:\.\.?\/)*)([^"'`/\\\n$*?:;,{}()<>=]{1,100})/g;

/**
 * Whether the text of a module may name files of the project, as a cheap test before the text is
 * parsed. Negative answers are right: a path starts from the module's location, or with the name of
 * something in the project's directory.
 */
export function mayNameFiles(
  file: string,
  source: string,
  projectDirectory: string,
  projectFiles: ProjectFiles,
): boolean {
  if (needle.test(source)) return true;
  const inProject = projectFiles.namesIn(projectDirectory);
  const beside = projectFiles.namesIn(path.dirname(file));
  for (const { 1: up = '', 2: name = '' } of source.matchAll(firstName)) {
    if (up.includes('..') || inProject.has(name)) return true;
    if (up !== '' && beside.has(name)) return true;
  }
  return false;
}
