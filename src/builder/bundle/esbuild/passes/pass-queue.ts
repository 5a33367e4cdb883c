import { importedCode } from '../metafile/imported-code.ts';
import { batchLimits } from './batch-limits.ts';
import type { BatchedPass } from './esbuild-pass.ts';
import { callKey, joinPlans } from './joined-plan.ts';
import type { Batch, FailedPass, FinishedPass, PassRequest } from './pass-plan.ts';

interface Waiting {
  readonly request: PassRequest;
  /** Undefined for a pass that needs a call of its own. */
  readonly key: string | undefined;
  readonly imported: ReadonlySet<string>;
  readonly resolve: (pass: FinishedPass | FailedPass) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the passes of functions that share code into calls of esbuild: esbuild parses a file once
 * for each call, and parsing a large package takes most of the time of a function that imports it.
 * Passes that arrive in one turn of the event loop, or while esbuild is busy, can share a call.
 */
export class PassQueue {
  readonly #run: (batch: Batch) => Promise<readonly BatchedPass[]>;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #isScheduled = false;
  #largestOutput: number | undefined;

  constructor(run: (batch: Batch) => Promise<readonly BatchedPass[]>) {
    this.#run = run;
  }

  pass(request: PassRequest): Promise<FinishedPass | FailedPass> {
    const { promise, resolve, reject } = Promise.withResolvers<FinishedPass | FailedPass>();
    const waiting = {
      request,
      key: callKey(request),
      imported: importedCode(request.spec.entry.mainFile),
      resolve,
      reject,
    };
    // A final pass goes first: after it the function is packed, and its outputs leave the memory.
    if (request.plan.leavesMissing === true) this.#waiting.push(waiting);
    else this.#waiting.unshift(waiting);
    this.#schedule();
    return promise;
  }

  /** Starts calls at the end of the turn, so that the passes of this turn can share a call. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0 && this.#running < this.#limits().calls) {
        void this.#call(this.#take());
      }
    });
  }

  /** Takes the first pass from the queue, with the passes that can share its call. */
  #take(): readonly Waiting[] {
    const { functions, gathersAll } = this.#limits();
    const batch = this.#waiting.splice(0, 1);
    const [first] = batch;
    if (first?.key === undefined) return batch;
    for (const other of this.#waiting.slice()) {
      if (batch.length === functions) break;
      if (other.key !== first.key) continue;
      if (!gathersAll && ![...other.imported].some((code) => first.imported.has(code))) continue;
      if (batch.some(({ request }) => request.spec.name === other.request.spec.name)) continue;
      if (joinPlans([...batch, other].map(({ request }) => request.plan)) === undefined) continue;
      batch.push(other);
      this.#waiting.splice(this.#waiting.indexOf(other), 1);
    }
    return batch;
  }

  async #call(batch: readonly Waiting[]): Promise<void> {
    const [first, ...others] = batch;
    if (first === undefined) return;
    this.#running += 1;
    try {
      const passes = await this.#run([first.request, ...others.map(({ request }) => request)]);
      for (const [index, waiting] of batch.entries()) this.#settle(waiting, passes[index]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#schedule();
    }
  }

  #settle(waiting: Waiting, pass: BatchedPass): void {
    if (pass === undefined) {
      this.#waiting.unshift({ ...waiting, key: undefined });
      return;
    }
    this.#largestOutput = Math.max(this.#largestOutput ?? 0, pass.ok ? bytesOf(pass) : 0);
    waiting.resolve(pass);
  }

  #limits(): ReturnType<typeof batchLimits> {
    return batchLimits(this.#largestOutput);
  }
}

function bytesOf({ files }: FinishedPass): number {
  return files.reduce(
    (sum, { content }) => sum + ('bytes' in content ? content.bytes.byteLength : 0),
    0,
  );
}
