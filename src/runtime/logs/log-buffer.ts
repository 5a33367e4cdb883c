import type { NewLogLine } from './log-store.ts';

/**
 * The most that waits to be written, in lines and characters. Further lines are dropped and
 * counted.
 */
export const bufferLimits = { lines: 20_000, characters: 8 * 1024 * 1024 } as const;
const batchLines = 1000;
/** The longest text of one line that is kept, in characters. */
export const maxTextLength = 64 * 1024;

/** The most attempts whose dropped lines are counted apart; further ones are counted by function. */
const maxRunsCounted = 1000;

/** Lines on their way to the disk. It is bounded, and a line of its own says how many were dropped. */
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

  /** The next lines to write; they take room until `written` or `lost`. */
  take(): readonly NewLogLine[] {
    const batch = this.#lines.slice(0, batchLines);
    this.#lines = this.#lines.slice(batchLines);
    return batch;
  }

  /**
   * The disk has taken `batch`, whose room is free again. When nothing else waits, lines are added
   * that say what was dropped.
   */
  written(batch: readonly NewLogLine[]): void {
    this.#free(batch);
    if (this.#lines.length === 0) {
      this.#reportDropped();
    }
  }

  /** The disk did not take `batch`: its lines count as dropped. */
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
    // A report that is dropped itself counts as the lines that it stands for.
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
