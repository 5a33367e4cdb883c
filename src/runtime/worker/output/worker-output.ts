import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock.ts';
import type { WorkerLogLine } from '../worker.ts';
import { LineSplitter } from './line-splitter.ts';
import { RunOutput, type OutputLimits } from './run-output.ts';

const stderrTailBytes = 4096;
/**
 * A pipe holds far less than what can be read in so many turns: what was written before has come by
 * then.
 */
const maxDrainTurns = 64;

/**
 * Reads a worker's stdout and stderr and gives each line to the run of the moment, or to
 * `onIdleLine` while there is none. Past the budget of either, bytes are counted and dropped
 * unread; nothing is ever held back, so output can not fill our memory.
 */
export class WorkerOutput {
  readonly #clock: Clock;
  readonly #splitters: { readonly stdout: LineSplitter; readonly stderr: LineSplitter };
  readonly #limits: OutputLimits;
  readonly #onIdleLine: (line: WorkerLogLine) => void;
  #sink: RunOutput;
  #bytesRead = 0;
  #tail: Buffer = Buffer.alloc(0);

  constructor(clock: Clock, limits: OutputLimits, onIdleLine: (line: WorkerLogLine) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onIdleLine = onIdleLine;
    this.#sink = this.#idleSink();
    const splitter = (stream: 'stdout' | 'stderr') =>
      new LineSplitter(limits.maxLineBytes, (text) =>
        this.#sink.line({ atMs: clock.nowMs(), stream, text }),
      );
    this.#splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') };
  }

  read(name: 'stdout' | 'stderr', stream: Readable): void {
    const splitter = this.#splitters[name];
    stream.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
      if (name === 'stderr') {
        this.#tail = Buffer.concat([this.#tail, chunk.subarray(-stderrTailBytes)]).subarray(
          -stderrTailBytes,
        );
      }
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

  /** The last output on stderr since the last `beginRun` or `endRun`. */
  get stderrTail(): string {
    return this.#tail.toString('utf8');
  }

  /** What follows is of an attempt. */
  beginRun(onLine: (line: WorkerLogLine) => void): void {
    this.#changeSink(new RunOutput(this.#limits.maxRunBytes, 'one attempt', onLine));
  }

  /** What follows is of the pause after it. */
  endRun(): void {
    this.#changeSink(this.#idleSink());
  }

  #idleSink(): RunOutput {
    return new RunOutput(this.#limits.maxLineBytes, 'a pause between attempts', this.#onIdleLine);
  }

  /** Ends the line in progress, says what was dropped, and sends what follows elsewhere. */
  #changeSink(sink: RunOutput): void {
    this.#splitters.stdout.flush();
    this.#splitters.stderr.flush();
    this.#sink.end(this.#clock.nowMs());
    this.#sink = sink;
    this.#tail = Buffer.alloc(0);
  }

  /**
   * Resolves once everything that was written to the pipes before the call has been read. A write
   * is visible to the very next poll of the event loop, so one whole turn (from one check phase to
   * the next) without new bytes means that the pipes were empty.
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
