import type { NewLogLine } from './log-store.ts';

/**
 * The maximum number of lines and characters that wait to be written. Further lines are dropped and
 * counted.
 */
export const bufferLimits = { lines: 20_000, characters: 8 * 1024 * 1024 } as const;
const batchLines = 1000;
/** The maximum length of the text of one line, in characters. A longer text is cut. */
export const maxTextLength = 64 * 1024;

/**
 * The maximum number of attempts whose dropped lines are counted separately. The dropped lines of
 * further attempts are counted by function.
 */
const maxRunsCounted = 1000;

/**
 * A bounded buffer of lines that wait to be written to the disk. Lines that find no room are
 * dropped, and a line of the buffer itself reports how many.
 */
export class LogBuffer {
  #lines: NewLogLine[] = [];
  #heldLines = 0;
  #heldCharacters = 0;
  readonly #reports = new WeakMap<NewLogLine, number>();
  readonly #dropped = new Map<string, { count: number; last: NewLogLine }>();

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add(line: NewLogLine): void {
    const kept =
      line.text.length <= maxTextLength
        ? line
        : {
            ...line,
            text: `${line.text.slice(0, maxTextLength)}… (${line.text.length - maxTextLength} characters more)`,
          };
    if (
      this.#heldLines >= bufferLimits.lines ||
      this.#heldCharacters + kept.text.length > bufferLimits.characters
    ) {
      this.#drop(kept);
      return;
    }
    this.#hold(kept);
  }

  /**
   * Takes the next lines to write. The lines occupy the buffer until `written` or `lost` is called
   * with them.
   */
  take(): readonly NewLogLine[] {
    const batch = this.#lines.slice(0, batchLines);
    this.#lines = this.#lines.slice(batchLines);
    return batch;
  }

  /**
   * Frees the room of a batch that was written to the disk. If no other line waits, adds lines that
   * report how many lines were dropped.
   */
  written(batch: readonly NewLogLine[]): void {
    this.#free(batch);
    if (this.#lines.length === 0) {
      this.#reportDropped();
    }
  }

  /** Frees the room of a batch that could not be written. Its lines count as dropped. */
  lost(batch: readonly NewLogLine[]): void {
    this.#free(batch);
    for (const line of batch) {
      this.#drop(line);
    }
  }

  #free(batch: readonly NewLogLine[]): void {
    for (const line of batch) {
      this.#heldLines -= 1;
      this.#heldCharacters -= line.text.length;
    }
  }

  #hold(line: NewLogLine): void {
    this.#lines.push(line);
    this.#heldLines += 1;
    this.#heldCharacters += line.text.length;
  }

  #drop(line: NewLogLine): void {
    const run =
      this.#dropped.size < maxRunsCounted
        ? `${line.invocationId ?? ''} ${line.attempt ?? ''}`
        : 'others';
    const key = `${line.functionName} ${run}`;
    const known = this.#dropped.get(key)?.count ?? 0;
    // A dropped report counts as many lines as it reported.
    this.#dropped.set(key, { count: known + (this.#reports.get(line) ?? 1), last: line });
  }

  #reportDropped(): void {
    for (const { count, last } of this.#dropped.values()) {
      const lines = count === 1 ? '1 line was' : `${count} lines were`;
      const report: NewLogLine = {
        ...last,
        stream: 'platform',
        level: 'warn',
        text: `${lines} dropped: more was printed than could be kept.`,
      };
      this.#reports.set(report, count);
      this.#hold(report);
    }
    this.#dropped.clear();
  }
}
