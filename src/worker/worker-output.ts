import type { Readable } from 'node:stream';
import type { WorkerClock } from './clock.ts';
import { LineSplitter } from './line-splitter.ts';
import type { RunOutput } from './run-output.ts';

const stderrTailBytes = 4096;
/** A pipe holds far less than what can be read in so many turns: what was written before has come by then. */
const maxDrainTurns = 64;

/**
 * Reads a worker's stdout and stderr and gives each line to the sink of the moment. A sink that is full makes bytes be counted and
 * dropped unread; nothing is ever held back, so output can not fill our memory.
 */
export class WorkerOutput {
  readonly #clock: WorkerClock;
  readonly #splitters: { readonly stdout: LineSplitter; readonly stderr: LineSplitter };
  #sink: RunOutput;
  #bytesRead = 0;
  #tail: Buffer = Buffer.alloc(0);

  constructor(clock: WorkerClock, maxLineBytes: number, sink: RunOutput) {
    this.#clock = clock;
    this.#sink = sink;
    const splitter = (stream: 'stdout' | 'stderr') => new LineSplitter(maxLineBytes, (text) => this.#sink.line({ atMs: clock.nowMs(), stream, text }));
    this.#splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') };
  }

  read(name: 'stdout' | 'stderr', stream: Readable): void {
    const splitter = this.#splitters[name];
    stream.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
      if (name === 'stderr') this.#tail = Buffer.concat([this.#tail, chunk.subarray(-stderrTailBytes)]).subarray(-stderrTailBytes);
      if (this.#sink.full) {
        splitter.reset();
        this.#sink.drop(chunk.length);
      } else {
        splitter.write(chunk);
      }
    });
    // Reading from a process that has died may fail; its end is told by its exit.
    stream.on('error', () => undefined);
  }

  /** The last output on stderr since the last `changeSink`. */
  get stderrTail(): string {
    return this.#tail.toString('utf8');
  }

  /** Ends the line in progress, says what was dropped, and sends what follows elsewhere. */
  changeSink(sink: RunOutput): void {
    this.#splitters.stdout.flush();
    this.#splitters.stderr.flush();
    this.#sink.end(this.#clock.nowMs());
    this.#sink = sink;
    this.#tail = Buffer.alloc(0);
  }

  /**
   * Resolves once everything that was written to the pipes before the call has been read. A write is visible to the very next poll of the
   * event loop, so one whole turn (from one check phase to the next) without new bytes means that the pipes were empty.
   */
  async drain(): Promise<void> {
    await loopTurn();
    for (let turn = 0; turn < maxDrainTurns; turn += 1) {
      const before = this.#bytesRead;
      await loopTurn();
      if (this.#bytesRead === before) return;
    }
  }
}

function loopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
