import type { WorkerLogLine } from '../worker.ts';

/** How much output is kept. */
export interface OutputLimits {
  /** Bytes of one line; the rest of it is cut off. */
  readonly maxLineBytes: number;
  /** Bytes of one attempt; each line counts as its bytes and `lineOverheadBytes` more. */
  readonly maxRunBytes: number;
}

export const defaultOutputLimits: OutputLimits = { maxLineBytes: 65_536, maxRunBytes: 8_388_608 };

/** What an empty line costs to keep, so that a flood of them is bounded too. */
const lineOverheadBytes = 64;

/**
 * The lines of one attempt (or of one pause between attempts), up to a budget. What is past it is
 * counted and dropped.
 */
export class RunOutput {
  readonly #maxBytes: number;
  readonly #from: string;
  readonly #emit: (line: WorkerLogLine) => void;
  #usedBytes = 0;
  #droppedBytes = 0;

  /** `from`: what the lines are of, as the notice about dropped ones says it. */
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

  /** Says once how much was dropped, if anything was. */
  end(nowMs: number): void {
    if (this.#droppedBytes === 0) return;
    const text = `${this.#droppedBytes} bytes of output were dropped: no more than ${this.#maxBytes} bytes are kept of ${this.#from}.`;
    this.#droppedBytes = 0;
    this.#emit({ atMs: nowMs, stream: 'platform', text });
  }
}
