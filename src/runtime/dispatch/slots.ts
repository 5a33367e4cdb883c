import type { Invocation } from '../queue/invocation.ts';
import type { RunFailure } from '../worker/worker.ts';
import { backOffMs, crashBackOff } from './limits.ts';

export interface SlotOptions {
  /** Runs at the same time, over all functions. */
  readonly concurrency: number;
  /** Runs of one function at the same time, unless the function says otherwise. */
  readonly perFunctionConcurrency: number;
}

/** What has to be known of an invocation to count its slot. */
type SlotTaker = Pick<Invocation, 'functionName' | 'kind'>;

interface FunctionSlots {
  taken: number;
  crashes: number;
  /** By the monotonic clock: a wall clock that is set back must not hold a function for hours. */
  heldUntilMs: number;
}

/**
 * Counts what runs, and holds back a function that crashes over and over, so that it neither takes
 * all slots nor keeps the machine busy starting it.
 */
export class Slots {
  readonly #options: SlotOptions;
  readonly #functions = new Map<string, FunctionSlots>();
  #taken = 0;
  /** Of these, by deliveries to destinations. */
  #delivering = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  get free(): number {
    return this.#options.concurrency - this.#taken;
  }

  /**
   * Deliveries that may still begin, over all functions. Receivers that do not answer must not take
   * the slots of functions: deliveries have a quarter of them, one at least.
   */
  get deliveriesFree(): number {
    return Math.max(1, Math.floor(this.#options.concurrency / 4)) - this.#delivering;
  }

  /**
   * Free slots of each function that has any, for a claim; those of all deliveries together are
   * `deliveriesFree` at most.
   */
  freeByFunction(
    functions: Iterable<{
      readonly name: string;
      readonly kind: Invocation['kind'];
      readonly concurrency?: number | undefined;
    }>,
    monotonicMs: number,
  ): Record<string, number> {
    const free: Record<string, number> = {};
    for (const { name, kind, concurrency = this.#options.perFunctionConcurrency } of functions) {
      const slots = this.#functions.get(name);
      // One that crashed too often gets one try at a time.
      const most =
        slots !== undefined && slots.crashes >= crashBackOff.freeCrashes ? 1 : concurrency;
      const own = slots === undefined ? most : most - slots.taken;
      const left = kind === 'delivery' ? Math.min(own, this.deliveriesFree) : own;
      if (left > 0 && (slots === undefined || slots.heldUntilMs <= monotonicMs)) {
        free[name] = left;
      }
    }
    return free;
  }

  take({ functionName, kind }: SlotTaker): void {
    this.#of(functionName).taken += 1;
    this.#taken += 1;
    if (kind === 'delivery') this.#delivering += 1;
  }

  give({ functionName, kind }: SlotTaker): void {
    const slots = this.#of(functionName);
    slots.taken -= 1;
    this.#taken -= 1;
    if (kind === 'delivery') this.#delivering -= 1;
    if (slots.taken === 0 && slots.crashes === 0) {
      this.#functions.delete(functionName);
    }
  }

  /** Any end that shows that the function's process can live. */
  ranWell(functionName: string): void {
    const slots = this.#of(functionName);
    slots.crashes = 0;
    slots.heldUntilMs = 0;
  }

  /** Gives back the crashes in a row and for how long the function is held back, when it is. */
  crashed(
    functionName: string,
    monotonicMs: number,
  ): { readonly crashes: number; readonly delayMs: number } | undefined {
    const slots = this.#of(functionName);
    slots.crashes += 1;
    const beyond = slots.crashes - crashBackOff.freeCrashes;
    if (beyond < 0) {
      return undefined;
    }
    const delayMs = backOffMs(beyond + 1, crashBackOff.firstMs, crashBackOff.longestMs);
    slots.heldUntilMs = monotonicMs + delayMs;
    return { crashes: slots.crashes, delayMs };
  }

  #of(functionName: string): FunctionSlots {
    const slots = this.#functions.get(functionName) ?? { taken: 0, crashes: 0, heldUntilMs: 0 };
    this.#functions.set(functionName, slots);
    return slots;
  }
}

/**
 * Failures after which the next run needs a new process. A thrown error or a timeout is the
 * function's own business and says nothing about the next.
 */
export function isCrash(reason: RunFailure['reason']): boolean {
  return reason === 'crash' || reason === 'out-of-memory' || reason === 'init';
}
