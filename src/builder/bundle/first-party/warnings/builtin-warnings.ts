import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import type { Metafile } from 'esbuild';
import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import { absoluteIn } from '../../esbuild/metafile/metafile-path.ts';
import { installedRoot } from '../../packages/installed-root.ts';

/**
 * Built-in modules that the first releases of a supported major version of Node do not have:
 * specifier → that major version, and its first release with the module.
 */
const lateBuiltins: Readonly<Record<string, { readonly major: number; readonly since: string }>> = {
  'node:sqlite': { major: 22, since: '22.13' },
};

/**
 * Warns of `node:` imports in first-party code that the target's Node does not have, or has only in
 * its later releases.
 */
export function builtinWarnings(
  { inputs }: Metafile,
  spec: FunctionSpec,
  projectDirectory: string,
): readonly Diagnostic[] {
  const absolute = absoluteIn(projectDirectory);
  return Object.entries(inputs).flatMap(([relative, { imports }]): readonly Diagnostic[] => {
    const file = absolute(relative);
    if (relative.startsWith('bgfn:') || installedRoot(file) !== undefined) return [];
    const specifiers = new Set(imports.map(({ path: specifier }) => specifier));
    return [...specifiers]
      .filter((specifier) => isUnsure(specifier, spec.bundling.nodeMajor))
      .map((specifier) => warningFor(file, specifier, spec));
  });
}

function isUnsure(specifier: string, nodeMajor: number): boolean {
  return (
    specifier.startsWith('node:') &&
    (!isBuiltin(specifier) || lateBuiltins[specifier]?.major === nodeMajor)
  );
}

function warningFor(file: string, specifier: string, spec: FunctionSpec): Diagnostic {
  const source = readFileSync(file, 'utf8');
  const start = Math.max(0, source.indexOf(specifier));
  return {
    severity: 'warning',
    code: 'NEWER_BUILTIN',
    ...adviceOn(specifier, spec.bundling.nodeMajor),
    location: locate(file, source, start, start + specifier.length),
    functionName: spec.name,
  };
}

function adviceOn(specifier: string, nodeMajor: number): Pick<Diagnostic, 'message' | 'hint'> {
  const late = lateBuiltins[specifier];
  if (late === undefined) {
    return {
      message: `Node ${nodeMajor} has no built-in module "${specifier}".`,
      hint: 'Check the name, or set nodeVersion to a release that has it.',
    };
  }
  return {
    message:
      `"${specifier}" is there without a flag from Node ${late.since} on; an older ` +
      `Node ${nodeMajor} does not load it.`,
    hint: `Make sure that the runtime is at least ${late.since}, or use Node 24.`,
  };
}
