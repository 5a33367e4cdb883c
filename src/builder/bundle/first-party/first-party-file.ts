import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { isCode } from '../syntax/code-file.ts';
import { walkTree } from '../syntax/syntax-tree.ts';
import { FirstPartyVisitor, type FirstPartyFindings } from './first-party-visitor.ts';
import { editedText, locationEdits } from './location-rewrite.ts';
import { PatternVisitor } from './pattern-visitor.ts';
import { secretMarks } from './secrets.ts';

/** The facts about one first-party file that bundling needs. */
export interface FirstPartyFile extends FirstPartyFindings {
  readonly file: string;
  /**
   * The file's text with its own location and its load patterns replaced; undefined when it has
   * neither.
   */
  readonly rewritten: string | undefined;
  /** The file's text with its load patterns replaced; undefined when it has none. */
  readonly withPatterns: string | undefined;
  /** The file's text without its load patterns; undefined when it has none. */
  readonly withoutPatterns: string | undefined;
  /** The directories in which load patterns were looked up; absolute. */
  readonly patternDirectories: readonly string[];
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
  readonly projectDirectory: string;
  /**
   * Reads the file even if its text has none of the needles, because the names of packages in it
   * matter.
   */
  readonly evenWithoutNeedle: boolean;
}

/** Reads one first-party file; undefined when the file is not code or has nothing to find. */
export function readFirstParty(
  file: string,
  { artifactPath, projectDirectory, evenWithoutNeedle }: ReadFirstPartyOptions,
): FirstPartyFile | undefined {
  if (!isCode(file)) return undefined;
  const bytes = readFileSync(file);
  if (!evenWithoutNeedle && !needles.some((needle) => bytes.includes(needle))) return undefined;
  const source = bytes.toString();
  const visitor = new FirstPartyVisitor(file, source);
  const patterns = new PatternVisitor({ file, source, artifactPath, projectDirectory });
  walkTree(parseSync(file, source, { sourceType: 'unambiguous' }).program, (node, ancestors) => {
    visitor.visit(node, ancestors);
    patterns.visit(node, ancestors);
  });
  const { edits, removals, opened, directories, warnings } = patterns.findings();
  const findings = visitor.findings();
  return {
    file,
    rewritten: editedText(source, [
      ...locationEdits(visitor.locationUses(), artifactPath),
      ...edits,
    ]),
    withPatterns: editedText(source, edits),
    withoutPatterns: editedText(source, removals),
    patternDirectories: directories,
    asksNames: source.includes('constructor.name'),
    ...findings,
    openedPaths: [...findings.openedPaths, ...opened],
    warnings: [...findings.warnings, ...warnings],
  };
}

/** The texts that esbuild gets in place of first-party files' own: absolute file → text. */
export interface FirstPartyTexts {
  /** For the files that name their own location or have load patterns. */
  readonly rewritten: ReadonlyMap<string, string>;
  /** For the files that have load patterns; only these are replaced. */
  readonly withPatterns: ReadonlyMap<string, string>;
}

export function firstPartyTexts(files: readonly FirstPartyFile[]): FirstPartyTexts {
  const rewritten = new Map<string, string>();
  const patterns = new Map<string, string>();
  for (const { file, rewritten: text, withPatterns } of files) {
    if (text !== undefined) rewritten.set(file, text);
    if (withPatterns !== undefined) patterns.set(file, withPatterns);
  }
  return { rewritten, withPatterns: patterns };
}
