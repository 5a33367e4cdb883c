import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { isCode } from '../syntax/code-file.ts';
import { walkTree } from '../syntax/syntax-tree.ts';
import { FirstPartyVisitor, type FirstPartyFindings } from './first-party-visitor.ts';
import { rewriteLocations } from './location-rewrite.ts';
import { secretMarks } from './secrets.ts';

/** What bundling has to know about one first-party file. */
export interface FirstPartyFile extends FirstPartyFindings {
  readonly file: string;
  /** Its text with its own location put in; undefined when it does not ask for it. */
  readonly rewritten: string | undefined;
  /** Whether it asks objects for the names of their classes. */
  readonly asksNames: boolean;
}

/** A file without any of these in its text is of no interest here. */
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

/**
 * Reads one first-party file; undefined when it is of no interest.
 *
 * @param artifactPath Its place in the artifact
 * @param always Read it even without a needle in its text
 */
export function readFirstParty(
  file: string,
  artifactPath: string,
  always: boolean,
): FirstPartyFile | undefined {
  if (!isCode(file)) return undefined;
  const bytes = readFileSync(file);
  if (!always && !needles.some((needle) => bytes.includes(needle))) return undefined;
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
