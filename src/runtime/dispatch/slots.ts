import type { Invocation } from '../queue/invocation.ts';
import type { RunFailure } from '../worker/worker.ts';
import { backOffMs, crashBackOff } from './limits.ts';

export interface SlotOptions {
  /** How many run at once, of all functions together. */
  readonly concurrency: number;
  /** How many of one function run at once, unless the function says otherwise. */
  readonly perFunctionConcurrency: number;
}

/** What has to be known of an invocation to count its slot. */
type SlotTaker = Pick<Invocation, 'functionName' | 'kind'>;

interface FunctionSlots {
  taken: number;
  crashes: number;
  /** A monotonic time: a wall clock that is set back must not hold a function for hours. */
  heldUntilMs: number;
}

/**
 * Counts what runs against the limits. A function that crashes over and over is held back, so that
 * it neither takes all slots nor keeps the machine busy with its starts.
 */
export class Slots {
  readonly #options: SlotOptions;
  readonly #functions = new Map<string, FunctionSlots>();
  #taken = 0;
  /** How many of the taken slots deliveries have. */
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
   * How many more deliveries may begin, of all functions together. They have a quarter of the
   * slots, at least one: receivers that do not answer must not take the slots of calls.
   */
  get deliveriesFree(): number {
    return Math.max(1, Math.floor(this.#options.concurrency / 4)) - this.#delivering;
  }

  /**
   * Free slots by function name, for a claim; functions without one are left out. No delivery has
   * more than `deliveriesFree`.
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
      // A function that crashed too often gets one try at a time.
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

  /** A run ended in a way that shows that the function's process can live. */
  ranWell(functionName: string): void {
    const slots = this.#of(functionName);
    slots.crashes = 0;
    slots.heldUntilMs = 0;
  }

  /** Returns the crashes in a row and how long the function is held back, if it is. */
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
 * Whether a failure counts as a crash: one that suggests that the next process will not live
 * either. A thrown error or a timeout does not.
 */
export function isCrash(reason: RunFailure['reason']): boolean {
  return reason === 'crash' || reason === 'out-of-memory' || reason === 'init';
}
