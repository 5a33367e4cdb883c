import { readFileSync } from 'node:fs';
import { isCode } from './code-file.ts';
import type { Finding } from './finding.ts';
import { hiddenRequireText } from './hidden-require.ts';
import { hooksLoader } from './loader-hook.ts';
import { asksModuleForPlace } from './module-place.ts';
import { needsCommonJs } from './needs-common-js.ts';
import { onlyDeclares } from './only-declares.ts';
import { maxParsedCharacters, scanSource, type Outline, type SourceScan } from './scan-source.ts';
import { isSuspicious } from './suspicious-text.ts';
import { hasTopLevelAwait } from './top-level-await.ts';
import { workingDirectoryPaths } from './working-directory.ts';

const nothingFound: SourceScan = { findings: new Set(), directories: [], outline: undefined };

/** Code that keeps or returns the name of a class. Messages with such names may differ. */
const classNameInUse = /(?:\.name = |return )(?:this\.constructor|new\.target)\.name\b/;

/**
 * Scans each file once and remembers the result for as long as this object lives, even if the file
 * changes. A search of the text comes first, because few files are worth a syntax tree.
 */
export class FileScans {
  readonly #byFile = new Map<string, SourceScan>();
  readonly #onlyDeclares = new Map<string, boolean>();
  readonly #waitsAtTop = new Map<string, boolean>();

  /**
   * Returns what a file does that one bundled file cannot reproduce; empty for a file that is not
   * code.
   */
  findingsIn(file: string): ReadonlySet<Finding> {
    return this.#scan(file).findings;
  }

  /** Returns the relative directories whose modules a file loads without calling `require` itself. */
  directoriesIn(file: string): readonly string[] {
    return this.#scan(file).directories;
  }

  /** Returns the paths that a file looks for in the working directory. */
  workingDirectoryPathsIn(file: string): readonly string[] {
    return this.#scan(file).workingDirectoryPaths ?? [];
  }

  /** Whether a file loads modules by computed names. */
  loadsByName(file: string): boolean {
    const findings = this.findingsIn(file);
    return findings.has('named-modules') || findings.has('own-modules');
  }

  /** Whether a file does nothing but declare when it is evaluated; true for data. */
  onlyDeclares(file: string): boolean {
    if (!isCode(file)) return true;
    const known = this.#onlyDeclares.get(file);
    if (known !== undefined) return known;
    const answer = onlyDeclares(file, readFileSync(file, 'utf8'));
    this.#onlyDeclares.set(file, answer);
    return answer;
  }

  /** Whether a file takes the name of an object's class as a value, as base classes of errors do. */
  usesClassNames(file: string): boolean {
    return this.#scan(file).usesClassNames === true;
  }

  /** Whether an ES module waits at its top level. */
  waitsAtTop(file: string): boolean {
    const known = this.#waitsAtTop.get(file);
    if (known !== undefined) return known;
    const answer = hasTopLevelAwait(file, readFileSync(file, 'utf8'));
    this.#waitsAtTop.set(file, answer);
    return answer;
  }

  /**
   * Returns the outline of a module; undefined when the scan made no syntax tree of the module, and
   * when `source` is not the text that was scanned.
   */
  outlineOf(file: string, source: string): Outline | undefined {
    const { outline } = this.#scan(file);
    return outline?.characters === source.length ? outline : undefined;
  }

  #scan(file: string): SourceScan {
    if (!isCode(file)) return nothingFound;
    const known = this.#byFile.get(file);
    if (known !== undefined) return known;
    const bytes = readFileSync(file);
    const latin1 = bytes.toString('latin1');
    let scan = isWorthATree(latin1) ? scanSource(file, bytes.toString()) : nothingFound;
    const further: Finding[] = [];
    if (needsCommonJs(file, bytes, latin1)) further.push('sloppy');
    if (asksModuleForPlace(file, bytes, latin1)) further.push('own-directory');
    if (hooksLoader(latin1)) further.push('loader-hook');
    if (further.length > 0) scan = { ...scan, findings: new Set([...scan.findings, ...further]) };
    const paths = workingDirectoryPaths(latin1);
    if (paths.length > 0) scan = { ...scan, workingDirectoryPaths: paths };
    if (classNameInUse.test(latin1)) scan = { ...scan, usesClassNames: true };
    this.#byFile.set(file, scan);
    return scan;
  }
}

function isWorthATree(latin1: string): boolean {
  if (isSuspicious(latin1)) return true;
  return latin1.length <= maxParsedCharacters && hiddenRequireText.test(latin1);
}
