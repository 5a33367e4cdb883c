import path from 'node:path';
import { locatedPath, plainText, type PathValue } from './path-value.ts';

const nothing: readonly PathValue[] = [];

/** Returns the value of a name that a file does not declare. */
export function valueOfFreeName(name: string, file: string): readonly PathValue[] {
  switch (name) {
    case '__dirname':
      return [locatedPath(path.dirname(file))];
    case '__filename':
      return [locatedPath(file)];
    case 'require':
      return [{ kind: 'loader', from: file }];
    case 'globalThis':
    case 'global':
      return [{ kind: 'member', specifier: 'globalThis', names: [] }];
    case 'process':
      return [{ kind: 'member', specifier: 'node:process', names: [] }];
    default:
      return nothing;
  }
}

/** Returns the value of a property of `import.meta` in a file. */
export function memberOfMeta(file: string, name: string): readonly PathValue[] {
  switch (name) {
    case 'url':
      return [locatedPath(file, 'href')];
    case 'dirname':
    case 'dir':
      return [locatedPath(path.dirname(file))];
    case 'filename':
    case 'path':
      return [locatedPath(file)];
    case 'resolve':
      return [{ kind: 'resolver', from: file, form: 'href' }];
    default:
      return nothing;
  }
}

/** Returns a member of a module that is not local, or of the global object. */
export function memberOfModule(
  value: Extract<PathValue, { kind: 'member' }>,
  name: string,
  projectDirectory: string,
): readonly PathValue[] {
  const { specifier, names } = value;
  if (specifier === 'globalThis' && name === 'process') return valueOfFreeName(name, '');
  if (name === 'sep' && specifier.endsWith('path')) return [plainText('/')];
  // Lambda sets this variable to the artifact's root.
  const isTaskRoot =
    specifier.endsWith('process') && names[0] === 'env' && name === 'LAMBDA_TASK_ROOT';
  return isTaskRoot ? [locatedPath(projectDirectory)] : [{ ...value, names: [...names, name] }];
}
