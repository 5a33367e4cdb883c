import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import type { Metafile } from 'esbuild';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import { installedRoot } from '../packages/package-index.ts';
import { absoluteIn } from './metafile-path.ts';

/**
 * Built-in modules that came after the oldest release of a major version we target: specifier → the
 * first version with it, and what it means for that target.
 */
const lateBuiltins: Readonly<Record<string, { readonly major: number; readonly since: string }>> = {
  'node:sqlite': { major: 22, since: '22.13' },
};

/**
 * Warns of `node:` imports in first-party code that the target's Node does not have, or not in all
 * its releases.
 */
export function builtinWarnings(
  metafile: Metafile,
  spec: FunctionSpec,
  projectDirectory: string,
): readonly Diagnostic[] {
  const { nodeMajor } = spec.bundling;
  const absolute = absoluteIn(projectDirectory);
  return Object.entries(metafile.inputs).flatMap(
    ([relative, { imports }]): readonly Diagnostic[] => {
      const file = absolute(relative);
      if (relative.startsWith('bgfn:') || installedRoot(file) !== undefined) return [];
      const late = imports
        .map(({ path: specifier }) => specifier)
        .filter(
          (specifier) =>
            specifier.startsWith('node:') &&
            (!isBuiltin(specifier) || lateBuiltins[specifier]?.major === nodeMajor),
        );
      return [...new Set(late)].map((specifier) => warningFor(file, specifier, spec));
    },
  );
}

function warningFor(file: string, specifier: string, spec: FunctionSpec): Diagnostic {
  const source = readFileSync(file, 'utf8');
  const at = Math.max(0, source.indexOf(specifier));
  const before = source.slice(0, at);
  const known = lateBuiltins[specifier];
  return {
    severity: 'warning',
    code: 'NEWER_BUILTIN',
    message:
      known === undefined
        ? `Node ${spec.bundling.nodeMajor} has no built-in module "${specifier}".`
        : `"${specifier}" is there without a flag from Node ${known.since} on; an older Node ${spec.bundling.nodeMajor} does not load it.`,
    hint:
      known === undefined
        ? 'Check the name, or set nodeVersion to a release that has it.'
        : `Make sure that the runtime is at least ${known.since}, or use Node 24.`,
    location: {
      file,
      line: before.split('\n').length,
      column: at - before.lastIndexOf('\n'),
      length: specifier.length,
    },
    functionName: spec.name,
  };
}
