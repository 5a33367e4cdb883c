import { isNodeOfType, nameOf } from '../syntax/syntax-tree.ts';

/** Functions of `node:fs`, and of packages like it, that open the path in their first argument. */
const fsFunctions = new Set(
  [
    'access',
    'copy',
    'copyFile',
    'cp',
    'createReadStream',
    'exists',
    'glob',
    'loadEnvFile',
    'lstat',
    'open',
    'openAsBlob',
    'opendir',
    'pathExists',
    'readFile',
    'readJSON',
    'readJson',
    'readdir',
    'realpath',
    'stat',
  ].flatMap((name) => [name, `${name}Sync`]),
);

/** Whether a function of this name opens the path in an argument. */
export function readsPath(name: string, index: number): boolean {
  return index === 0 && fsFunctions.has(name);
}

/** Whether a function of this name runs a file in a thread or a process. */
export function loadsModule(name: string): boolean {
  return name === 'Worker' || name === 'fork' || name === 'SharedWorker';
}

/** Whether a property of this name has the file of a worker as its value. */
export function namesModule(key: string | undefined): boolean {
  return key !== undefined && /^(?:filename|worker(?:File|Path|Url)?|processor|script)$/i.test(key);
}

const pathKey =
  /^(?:.*(?:path|file|filename|dir|directory|directories|folder|root|views|partials|layouts|templates|storage|script|worker)s?|cwd|target|template|layout|processor|execArgv)$/i;
/** Keys like `path` and `dir` that mean something else. */
const otherKey = /^(?:profile|publicPath|basePath|pathname)$/i;

/** Whether a property of this name has a path as its value. */
export function isPathKey(key: string | undefined): boolean {
  return key !== undefined && pathKey.test(key) && !otherKey.test(key);
}

/** Functions that compare, search, print or send a text. Their arguments are no paths to open. */
const otherFunctions =
  /^(?:includes|startsWith|endsWith|indexOf|lastIndexOf|split|match|matchAll|test|localeCompare|replace|replaceAll|fetch|Response|Request|Headers|.*Error|require|describe|it|expect|log|info|warn|error|debug|trace|redirect|setHeader|header|json|send|text|getStore|get|has|delete|append|query)$/;

/** Whether a call may use its arguments as paths. */
export function isGivenPath(name: string, callee: unknown): boolean {
  if (isNodeOfType(callee, 'MemberExpression') && nameOf(callee['object']) === 'console') {
    return false;
  }
  return !otherFunctions.test(name);
}
