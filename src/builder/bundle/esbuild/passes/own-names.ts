import type { Metafile, OutputFile } from 'esbuild';
import { mainEntry } from '../plugins/entry-plugin.ts';

interface Bundled {
  readonly metafile: Metafile;
  readonly outputFiles: readonly OutputFile[];
}

/** Name of an input in a call for several functions → its name in a call for one function. */
type Names = ReadonlyMap<string, string>;

/**
 * Gives the inputs of a function the names that they have when the function is bundled alone, in
 * the metafile and in the comments of the outputs. In a call for several functions each generated
 * entry has a name of its own, and esbuild marks the inputs that are one file imported with
 * different attributes: `data.json with { type: 'json' }`. A function that imports such a file in
 * one way only gets no mark when it is bundled alone.
 *
 * @param entry Name of the function's generated entry in the call
 */
export function withOwnNames<Share extends Bundled>(share: Share, entry: string): Share {
  const marks = unneededMarks(Object.keys(share.metafile.inputs));
  if (entry === mainEntry && marks.size === 0) return share;
  return {
    ...share,
    metafile: renamed(share.metafile, new Map([...marks, [entry, mainEntry]])),
    outputFiles: share.outputFiles.map((output) =>
      /\.[cm]js$/.test(output.path)
        ? withContents(output, withMainEntry(withoutMarks(output.contents, marks), entry))
        : output,
    ),
  };
}

function unneededMarks(inputs: readonly string[]): Names {
  const marked = inputs.filter((input) => unmarked(input) !== input);
  if (marked.length === 0) return new Map();
  const variants = Map.groupBy(inputs, unmarked);
  return new Map(
    marked
      .filter((input) => variants.get(unmarked(input))?.length === 1)
      .map((input) => [input, unmarked(input)]),
  );
}

function unmarked(input: string): string {
  return input.replace(/ with \{ [^{}]* \}$/, '');
}

function renamed({ inputs, outputs }: Metafile, names: Names): Metafile {
  const rename = (input: string): string => names.get(input) ?? input;
  const renameKeys = <Value>(all: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(all).map(([input, value]) => [rename(input), value]));
  return {
    inputs: mapValues(renameKeys(inputs), (input) => ({
      ...input,
      imports: input.imports.map((one) => ({ ...one, path: rename(one.path) })),
    })),
    outputs: mapValues(outputs, (output) => ({
      ...output,
      ...(output.entryPoint === undefined ? {} : { entryPoint: rename(output.entryPoint) }),
      inputs: renameKeys(output.inputs),
    })),
  };
}

function mapValues<Value>(
  all: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, map(value)]));
}

function withoutMarks(contents: Uint8Array, marks: Names): Uint8Array {
  if (marks.size === 0) return contents;
  let text = Buffer.from(contents).toString();
  for (const [marked, name] of marks) text = text.replaceAll(marked, name);
  return Buffer.from(text);
}

/** The generated entry is the last module of its output, so the search from the end is short. */
function withMainEntry(contents: Uint8Array, entry: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = contents;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const comment = `// ${entry}\n`;
  const at = bytes.lastIndexOf(comment);
  if (at === -1) return contents;
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(`// ${mainEntry}\n`),
    bytes.subarray(at + Buffer.byteLength(comment)),
  ]);
}

function withContents(output: OutputFile, contents: Uint8Array): OutputFile {
  return contents === output.contents
    ? output
    : { path: output.path, hash: output.hash, contents, text: '' };
}
