import { isNodeOfType, nameOf } from '../../syntax/syntax-tree.ts';

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

/**
 * Whether functions of this name, other than Node's own, often take a word that is no path:
 * `redis.exists('config')`, `caches.open('docs')`, `new Worker('emails', process)` of a queue.
 */
export function meansOtherThings(name: string): boolean {
  return /^(?:access|copy|exists|glob|open|stat|fork|\w*Worker)$/.test(name);
}

/** Whether a package's function of this name takes directories, even those of one word. */
export function takesDirectories(name: string): boolean {
  return /^(?:configure|static|serveStatic|views|\w*(?:FileSystemLoader|Dir|Directory|Folder))$/i.test(
    name,
  );
}

/** Whether a property of this name has the file of a worker as its value. */
export function namesModule(key: string | undefined): boolean {
  return (
    key !== undefined &&
    /^(?:filename|worker(?:File|Path|Url)?|processor|script|target)$/i.test(key)
  );
}

const pathKey =
  /^(?:.*(?:path|file|filename|dir|directory|directories|folder|root|views|partials|layouts|templates|storage|script|worker)s?|cwd|target|template|layout|processor|execArgv)$/i;
/** Keys like `path` and `dir` that mean something else. */
const otherKey = /^(?:profile|publicPath|basePath|pathname)$/i;

/** Whether a property of this name has a path as its value. */
export function isPathKey(key: string | undefined): boolean {
  return key !== undefined && pathKey.test(key) && !otherKey.test(key);
}

/** Keys of which a single word is no directory: `{ path: 'docs' }` is a route. */
const fileKey = /^(?:path|file|filename|target|template|layout|script|worker|processor)s?$/i;

/** Whether a property of this name has a directory as its value, even if the text is one word. */
export function isDirectoryKey(key: string | undefined): boolean {
  return isPathKey(key) && !fileKey.test(key ?? '');
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
