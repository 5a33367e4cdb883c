import type { NewLogLine } from './log-store.ts';

/**
 * What may wait to be written, in lines and characters: beyond it lines are dropped and counted,
 * whatever a function prints.
 */
export const bufferLimits = { lines: 20_000, characters: 8 * 1024 * 1024 } as const;
const batchLines = 1000;
/** The longest text of one line that is kept, in characters. */
export const maxTextLength = 64 * 1024;

/** Attempts whose dropped lines are counted apart; beyond, they are counted by function. */
const maxRunsCounted = 1000;

/** Lines on their way to the disk: bounded, and honest about what did not fit. */
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
   * The next lines to write; they count as held until `written`. Lines that say what was dropped
   * come where there is room again.
   */
  take(): readonly NewLogLine[] {
    const batch = this.#lines.slice(0, batchLines);
    this.#lines = this.#lines.slice(batchLines);
    return batch;
  }

  /**
   * `batch` is kept: its room is free again. When nothing waits any more, lines follow that say
   * what was dropped.
   */
  written(batch: readonly NewLogLine[]): void {
    this.#free(batch);
    if (this.#lines.length === 0) {
      this.#reportDropped();
    }
  }

  /** The disk did not take `batch`: it counts as dropped. */
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
    // A line that says what was dropped stands for as many.
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
