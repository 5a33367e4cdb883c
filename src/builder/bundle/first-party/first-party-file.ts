import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { isCode } from '../syntax/code-file.ts';
import { walkTree } from '../syntax/syntax-tree.ts';
import { FirstPartyVisitor, type FirstPartyFindings } from './first-party-visitor.ts';
import { rewriteLocations } from './location-rewrite.ts';
import { secretMarks } from './secrets.ts';

/** The facts about one first-party file that bundling needs. */
export interface FirstPartyFile extends FirstPartyFindings {
  readonly file: string;
  /** The file's text with its own location replaced; undefined when the text does not name it. */
  readonly rewritten: string | undefined;
  /** Whether the code asks objects for the names of their classes. */
  readonly asksNames: boolean;
}

/** A text without any of these has no finding but possible names of packages. */
const needles = [
  '__dirname',
  '__filename',
  'import.meta',
  'process.cwd',
  'readFile',
  'ReadStream',
  'require.resolve',
  'createRequire',
  'openSync',
  'readdir',
  ...secretMarks,
  'require(',
  'import(',
  'constructor.name',
].map((needle) => Buffer.from(needle));

export interface ReadFirstPartyOptions {
  /** The file's place in the artifact. */
  readonly artifactPath: string;
  /**
   * Reads the file even if its text has none of the needles, because the names of packages in it
   * matter.
   */
  readonly evenWithoutNeedle: boolean;
}

/** Reads one first-party file; undefined when the file is not code or has nothing to find. */
export function readFirstParty(
  file: string,
  { artifactPath, evenWithoutNeedle }: ReadFirstPartyOptions,
): FirstPartyFile | undefined {
  if (!isCode(file)) return undefined;
  const bytes = readFileSync(file);
  if (!evenWithoutNeedle && !needles.some((needle) => bytes.includes(needle))) return undefined;
  const source = bytes.toString();
  const visitor = new FirstPartyVisitor(file, source);
  walkTree(parseSync(file, source, { sourceType: 'unambiguous' }).program, (node, ancestors) => {
    visitor.visit(node, ancestors);
  });
  return {
    file,
    rewritten: rewriteLocations(source, visitor.locationUses(), artifactPath),
    asksNames: source.includes('constructor.name'),
    ...visitor.findings(),
  };
}

/** Absolute file → its text with its own location replaced, for the files that name it. */
export function rewrittenTexts(files: readonly FirstPartyFile[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, rewritten } of files) {
    if (rewritten !== undefined) texts.set(file, rewritten);
  }
  return texts;
}
