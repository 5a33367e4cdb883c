import path from 'node:path';
import type { OutputFile } from 'esbuild';
import type { BundleFile } from '../../contract/bundle.ts';
import { firstPartyMode } from '../../native/executable.ts';
import { placedText } from './banner.ts';
import { withPortableFunctions } from './portable-functions.ts';

/** A module that is loaded by path: absolute file, and its place in the artifact. */
export type ModulePlace = readonly [file: string, place: string];

/** An entry point of a call of esbuild. */
export type EntryPoint = { readonly in: string; readonly out: string };

/**
 * Suffix of a module's output until `generatedFiles` gives the output its own place. The suffix is
 * needed because esbuild sets one extension for all outputs.
 */
const moduleMark = '.bgfn-module';

/** Returns the entry points of modules that are loaded by path. */
export function entryPointsOf(modules: readonly ModulePlace[]): EntryPoint[] {
  return modules.map(([file, place]) => ({ in: file, out: place + moduleMark }));
}

/** Gives the outputs of a pass their places in the artifact. */
export function generatedFiles(
  outputs: readonly OutputFile[],
  projectDirectory: string,
  modules: readonly ModulePlace[],
): readonly BundleFile[] {
  const sources = new Map(modules.map(([file, place]) => [place, file]));
  return outputs.map(({ path: file, contents }) => {
    const written = path.relative(projectDirectory, file).replaceAll(path.sep, '/');
    const place = written.replace(/\.bgfn-module\.[cm]js(?=$|\.map$)/, '');
    const isScript = /\.[cm]js$/.test(written);
    const text = modules.length > 0 && isScript ? withoutMarks(contents) : contents;
    const bytes = isScript
      ? placedText(withPortableFunctions(text), place, place !== written)
      : contents;
    // A module that is loaded by path may be a script that the function executes.
    const source = isScript ? sources.get(place) : undefined;
    const mode = source === undefined ? 0o644 : firstPartyMode(source);
    return { path: place, mode, content: { bytes } };
  });
}

/** Corrects the imports of modules that outputs import from each other. */
function withoutMarks(contents: Uint8Array): Uint8Array {
  const text = Buffer.from(contents);
  return text.includes(`${moduleMark}.mjs`)
    ? Buffer.from(text.toString().replaceAll(`${moduleMark}.mjs`, ''))
    : contents;
}
