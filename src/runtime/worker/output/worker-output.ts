import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock.ts';
import type { WorkerLogLine } from '../worker.ts';
import { LineSplitter } from './line-splitter.ts';
import { RunOutput, type OutputLimits } from './run-output.ts';

const stderrTailBytes = 4096;
/**
 * The maximum number of turns of the event loop that a drain takes. A pipe holds far less than can
 * be read in so many turns, so everything that was written before the drain has been read by then.
 */
const maxDrainTurns = 64;

/**
 * Reads a worker's stdout and stderr and passes each line to the current run, or to `onIdleLine`
 * while there is no run. Output over the budget of the run or the pause is counted and dropped
 * before it is split into lines. The pipes are always read to the end, and output over the budget
 * is not kept, so output cannot fill the memory of bgfn.
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
    // Reading from a dead process can fail. The error adds nothing, because the exit of the process
    // is reported too.
    stream.on('error', () => undefined);
  }

  /** The end of the output on stderr since the last `beginRun` or `endRun`. */
  get stderrTail(): string {
    return this.#tail.toString('utf8');
  }

  /** Assigns the lines that follow to an attempt. */
  beginRun(onLine: (line: WorkerLogLine) => void): void {
    this.#changeSink(new RunOutput(this.#limits.maxRunBytes, 'one attempt', onLine));
  }

  /** Assigns the lines that follow to the pause after the attempt. */
  endRun(): void {
    this.#changeSink(this.#idleSink());
  }

  #idleSink(): RunOutput {
    return new RunOutput(this.#limits.maxLineBytes, 'a pause between attempts', this.#onIdleLine);
  }

  /**
   * Emits the unfinished lines, ends the output of the current run or pause, and begins the next
   * one.
   */
  #changeSink(sink: RunOutput): void {
    this.#splitters.stdout.flush();
    this.#splitters.stderr.flush();
    this.#sink.end(this.#clock.nowMs());
    this.#sink = sink;
    this.#tail = Buffer.alloc(0);
  }

  /**
   * Resolves when everything that was written to the pipes before the call has been read. The next
   * poll of the event loop sees every write, so one whole turn (from one check phase to the next)
   * without new bytes means that the pipes were empty.
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
