import path from 'node:path';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { eventOfName } from './event-names.ts';
import { hasBackgroundName } from './mode.ts';
import type { Entry } from './scan/entry.ts';
import { NoHandlerError, type SourceError } from './source-config/source-error.ts';

/**
 * The warning about a file of helpers beside the functions, which is left out. Netlify makes such a
 * file a function that fails at each call. Undefined for other errors, and when the source, the
 * name or netlify.toml shows that the file is meant to be a function.
 */
export function helperWarning(
  error: SourceError,
  entry: Entry,
  config: ProjectConfig,
): Diagnostic | undefined {
  if (!(error instanceof NoHandlerError) || error.isMeant || isNamedLikeFunction(entry, config)) {
    return undefined;
  }
  const { message, ...rest } = error.toDiagnostic(entry.name);
  return {
    ...rest,
    severity: 'warning',
    message: `${message} It is left out.`,
    hint: moveHint(entry, config),
  };
}

/** Whether the name makes the file a background or event function, or netlify.toml configures it. */
function isNamedLikeFunction({ name }: Entry, { rules }: ProjectConfig): boolean {
  return (
    hasBackgroundName(name) ||
    eventOfName(name) !== undefined ||
    rules.some(({ glob }) => glob === name)
  );
}

function moveHint(
  { mainFile, directory = mainFile, functionsDirectory }: Entry,
  { projectDirectory }: ProjectConfig,
): string {
  const relative = (file: string): string =>
    path.relative(projectDirectory, file).replaceAll(path.sep, '/');
  const target = path.join(path.dirname(functionsDirectory), path.basename(directory));
  return `Move ${relative(directory)} to ${relative(target)}, and adapt the imports of it.`;
}
