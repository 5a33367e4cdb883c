import path from 'node:path';
import type { BuildResult, Message, Metafile, OutputFile } from 'esbuild';
import { absoluteIn } from '../metafile/metafile-path.ts';
import { withOwnNames } from './own-names.ts';

export type CallResult = BuildResult<{ write: false; metafile: true }>;

/** The share of one function in a call of esbuild for several functions. */
export interface FunctionShare {
  readonly metafile: Metafile;
  readonly outputFiles: readonly OutputFile[];
  readonly warnings: readonly Message[];
}

/** Tells the share of one function from that of the others. */
export interface ShareSelection {
  /** Paths of the function's outputs without their extensions, relative to the project. */
  readonly outputs: ReadonlySet<string>;
  /** Name of the function's generated entry in the call. */
  readonly entry: string;
  readonly projectDirectory: string;
}

/**
 * Takes the share of a function out of the result of a call: what esbuild would have returned if
 * the call had been made for this function alone.
 */
export function shareOf(
  { metafile, outputFiles, warnings }: CallResult,
  { outputs, entry, projectDirectory }: ShareSelection,
): FunctionShare {
  const own = Object.keys(metafile.outputs).filter((output) =>
    outputs.has(output.replace(/\.[cm]js(?:\.map)?$/, '')),
  );
  const entries = own.flatMap((output) => metafile.outputs[output]?.entryPoint ?? []);
  const reached = reachableInputs(metafile.inputs, entries);
  const assets = Object.entries(metafile.outputs)
    .filter(([, { entryPoint }]) => entryPoint === undefined)
    .filter(([, { inputs }]) => {
      const sources = Object.keys(inputs);
      return sources.length > 0 && sources.every((source) => reached.has(source));
    })
    .map(([output]) => output);
  const kept = new Set([...own, ...assets]);
  const share = {
    metafile: {
      inputs: pick(metafile.inputs, reached),
      outputs: pick(metafile.outputs, kept),
    },
    outputFiles: outputFiles.filter(({ path: file }) =>
      kept.has(path.relative(projectDirectory, file).replaceAll(path.sep, '/')),
    ),
    warnings: distinct(warnings.filter((message) => isAbout(message, reached, projectDirectory))),
  };
  return withOwnNames(share, entry);
}

/** Lists the inputs that are imported from the entries, in the order of a breadth-first search. */
function reachableInputs(
  inputs: Metafile['inputs'],
  entries: readonly string[],
): ReadonlySet<string> {
  const reached = new Set(entries);
  // The loop also visits the inputs that are added while it runs.
  for (const input of reached) {
    for (const { path: imported, external } of inputs[input]?.imports ?? []) {
      if (external !== true && inputs[imported] !== undefined) reached.add(imported);
    }
  }
  return reached;
}

function pick<Value>(
  all: Readonly<Record<string, Value>>,
  keys: ReadonlySet<string>,
): Record<string, Value> {
  const picked: Record<string, Value> = {};
  for (const key of keys) {
    const value = all[key];
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}

/**
 * Whether a message is about a function that read these inputs: it points into one of them, or into
 * a file such as tsconfig.json in a directory above one of them, or nowhere.
 */
function isAbout(
  { location }: Message,
  reached: ReadonlySet<string>,
  projectDirectory: string,
): boolean {
  if (location === null || reached.has(location.file)) return true;
  if (/\.[cm]?[jt]sx?$/.test(location.file)) return false;
  const absolute = absoluteIn(projectDirectory);
  const directory = path.dirname(absolute(location.file)) + path.sep;
  return [...reached].some((input) => absolute(input).startsWith(directory));
}

/** Each link of a call reports by itself, so a message about a shared file comes several times. */
function distinct(messages: readonly Message[]): readonly Message[] {
  return [
    ...new Map(
      messages.map((message) => [JSON.stringify([message.text, message.location]), message]),
    ).values(),
  ];
}
