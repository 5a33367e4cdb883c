import type { Invocation } from '../queue/invocation.ts';
import type { RunFailure } from '../worker/worker.ts';
import { backOffMs, crashBackOff } from './limits.ts';

export interface SlotOptions {
  /** The highest number of runs at once, of all functions together. */
  readonly concurrency: number;
  /** The highest number of runs of one function at once, unless the function has its own limit. */
  readonly perFunctionConcurrency: number;
}

/** The fields of an invocation by which its slot is counted. */
type SlotTaker = Pick<Invocation, 'functionName' | 'kind'>;

interface FunctionSlots {
  taken: number;
  crashes: number;
  /** A monotonic time: if the wall clock is set back, that must not hold back a function for hours. */
  heldUntilMs: number;
}

/**
 * Counts runs against the limits. A function that crashes repeatedly is held back, so that its
 * starts neither take all slots nor keep the machine busy.
 */
export class Slots {
  readonly #options: SlotOptions;
  readonly #functions = new Map<string, FunctionSlots>();
  #taken = 0;
  /** The number of slots that deliveries have taken. */
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
   * The number of further deliveries that may begin, of all functions together. Deliveries have a
   * quarter of the slots, at least one: receivers that do not answer must not take the slots of
   * calls.
   */
  get deliveriesFree(): number {
    return Math.max(1, Math.floor(this.#options.concurrency / 4)) - this.#delivering;
  }

  /**
   * The free slots by function name, for a claim. Functions without a free slot are left out. The
   * deliveries of one function have at most `deliveriesFree`.
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
      // A function that crashed too often has one run at a time.
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

  /** Records a run without a crash, and resets the count of crashes. */
  ranWell(functionName: string): void {
    const slots = this.#of(functionName);
    slots.crashes = 0;
    slots.heldUntilMs = 0;
  }

  /**
   * Records a crash. Returns the number of crashes in a row and the delay if the function is held
   * back, otherwise `undefined`.
   */
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
 * Whether a failure counts as a crash, which suggests that the next process will crash as well. A
 * thrown error or a timeout does not count.
 */
export function isCrash(reason: RunFailure['reason']): boolean {
  return reason === 'crash' || reason === 'out-of-memory' || reason === 'init';
}
