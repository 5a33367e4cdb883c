import type { WorkerLogLine } from '../worker.ts';

/** Limits of the output that is kept of a worker. */
export interface OutputLimits {
  /** Maximum length of a line. A longer line is cut. */
  readonly maxLineBytes: number;
  /** Maximum output of one attempt. Each line counts `lineOverheadBytes` in addition to its bytes. */
  readonly maxRunBytes: number;
}

export const defaultOutputLimits: OutputLimits = { maxLineBytes: 65_536, maxRunBytes: 8_388_608 };

/**
 * Bytes that every line counts in addition to its text, so that a flood of empty lines is bounded
 * too.
 */
const lineOverheadBytes = 64;

/**
 * Passes on the lines of one attempt, or of one pause between attempts, up to a budget of bytes.
 * Output over the budget is counted and dropped.
 */
export class RunOutput {
  readonly #maxBytes: number;
  readonly #from: string;
  readonly #emit: (line: WorkerLogLine) => void;
  #usedBytes = 0;
  #droppedBytes = 0;

  /** @param from The source of the lines, as the notice about dropped bytes names it */
  constructor(
    maxBytes: number,
    from: 'one attempt' | 'a pause between attempts',
    emit: (line: WorkerLogLine) => void,
  ) {
    this.#from = from;
    this.#maxBytes = maxBytes;
    this.#emit = emit;
  }

  get full(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  line(line: WorkerLogLine): void {
    const bytes = Buffer.byteLength(line.text);
    if (this.full) {
      this.drop(bytes + 1);
      return;
    }
    this.#usedBytes += bytes + lineOverheadBytes;
    this.#emit(line);
  }

  drop(bytes: number): void {
    this.#droppedBytes += bytes;
  }

  /** Emits a notice if any output was dropped. */
  end(nowMs: number): void {
    if (this.#droppedBytes === 0) return;
    const limit = `no more than ${this.#maxBytes} bytes are kept of ${this.#from}`;
    const text = `${this.#droppedBytes} bytes of output were dropped: ${limit}.`;
    this.#droppedBytes = 0;
    this.#emit({ atMs: nowMs, stream: 'platform', text });
  }
}
