import type { WorkerLogLine } from '../worker.ts';

/** How much output of a worker is kept. */
export interface OutputLimits {
  /** A longer line is cut. */
  readonly maxLineBytes: number;
  /** Of one attempt, where each line counts `lineOverheadBytes` besides its bytes. */
  readonly maxRunBytes: number;
}

export const defaultOutputLimits: OutputLimits = { maxLineBytes: 65_536, maxRunBytes: 8_388_608 };

/** What a line costs besides its bytes, so that a flood of empty lines is bounded too. */
const lineOverheadBytes = 64;

/**
 * The lines of one attempt, or of one pause between attempts, up to a budget of bytes. Bytes over
 * the budget are counted and dropped.
 */
export class RunOutput {
  readonly #maxBytes: number;
  readonly #from: string;
  readonly #emit: (line: WorkerLogLine) => void;
  #usedBytes = 0;
  #droppedBytes = 0;

  /** @param from Where the lines come from, in the words of the notice about dropped bytes */
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

  /** Emits a notice if anything was dropped. */
  end(nowMs: number): void {
    if (this.#droppedBytes === 0) return;
    const limit = `no more than ${this.#maxBytes} bytes are kept of ${this.#from}`;
    const text = `${this.#droppedBytes} bytes of output were dropped: ${limit}.`;
    this.#droppedBytes = 0;
    this.#emit({ atMs: nowMs, stream: 'platform', text });
  }
}
