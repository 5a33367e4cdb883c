import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The parameter `callback(error, result)` of handlers in callback style. */
export type HandlerCallback = (error?: unknown, result?: unknown) => void;
export type LambdaHandler = (
  event: unknown,
  contextOrStream: unknown,
  callbackOrContext: unknown,
) => unknown;

/** An error in the deployed artifact, with the name that AWS's runtime gives it. */
class HandlerError extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

/**
 * Loads `<file>.<export>` (_HANDLER) from the task root. The extension of the file is `.mjs`, `.js`
 * or `.cjs`. The export may be nested (`a.b`). Rejects with the error of the module, or with an
 * error that names the missing file or export.
 */
export async function loadHandler(taskRoot: string, handler: string): Promise<LambdaHandler> {
  const directory = path.dirname(handler);
  const [base = '', ...exportPath] = path.basename(handler).split('.');
  if (base === '' || exportPath.length === 0) {
    throw new HandlerError(
      'Runtime.MalformedHandlerName',
      `The handler "${handler}" is not of the form <file>.<export>.`,
    );
  }
  const stem = path.resolve(taskRoot, directory, base);
  const file = ['.mjs', '.js', '.cjs']
    .map((extension) => stem + extension)
    .find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new HandlerError(
      'Runtime.ImportModuleError',
      `The artifact has no ${path.join(directory, base)}.mjs, .js or .cjs.`,
    );
  }
  const loaded: unknown = await import(pathToFileURL(file).href);
  const found = follow(loaded, exportPath) ?? follow(follow(loaded, ['default']), exportPath);
  if (found === undefined) {
    throw new HandlerError(
      'Runtime.HandlerNotFound',
      `${path.basename(file)} has no export "${exportPath.join('.')}".`,
    );
  }
  if (!isHandler(found)) {
    throw new HandlerError(
      'Runtime.HandlerNotFound',
      `The export "${exportPath.join('.')}" of ${path.basename(file)} is not a function.`,
    );
  }
  return found;
}

function follow(value: unknown, names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if ((typeof current !== 'object' && typeof current !== 'function') || current === null) {
      return undefined;
    }
    current = Reflect.get(current, name);
  }
  return current;
}

function isHandler(value: unknown): value is LambdaHandler {
  return typeof value === 'function';
}
