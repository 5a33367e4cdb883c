import { readFileSync } from 'node:fs';
import { isCode } from './code-file.ts';
import type { Finding } from './finding.ts';
import { scanSource, type Outline, type SourceScan } from './scan-source.ts';
import { isSuspicious } from './suspicious-text.ts';

const nothingFound: SourceScan = { findings: new Set(), outline: undefined };

/**
 * Scans files, each of them once. The text decides first: few files are worth a syntax tree. What
 * was found is remembered for as long as this object lives, whatever happens to the file.
 */
export class FileScans {
  readonly #byFile = new Map<string, SourceScan>();

  /** What a file does that one bundled file cannot reproduce; nothing if it is no code. */
  findingsIn(file: string): ReadonlySet<Finding> {
    return this.#scan(file).findings;
  }

  /** Whether a file loads modules whose names come from elsewhere. */
  loadsByName(file: string): boolean {
    const findings = this.findingsIn(file);
    return findings.has('named-modules') || findings.has('own-modules');
  }

  /**
   * The outline of a module whose text made a syntax tree worth it; undefined for others, and when
   * `source` is not the text that was scanned.
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
    const scan = isSuspicious(bytes.toString('latin1'))
      ? scanSource(file, bytes.toString())
      : nothingFound;
    this.#byFile.set(file, scan);
    return scan;
  }
}
