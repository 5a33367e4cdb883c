import { parseExpression, type PathExpression } from './parse-expression.ts';

/** Returns whether a whole path matches. */
export type PathMatcher = (path: string) => boolean;

/**
 * One state of the machine. A state with `takes` leads to each of `next` by one character that it
 * takes; a state without `takes` leads there without a character.
 */
interface State {
  readonly takes?: (code: number) => boolean;
  next: readonly number[];
}

/** The largest machine. A pattern with more states has counted repetitions that no path needs. */
const maxStates = 2_000;
/** The index of the final state. */
const end = 0;

/**
 * Compiles the regular expression of a route. If several parts of it can match any number of
 * characters, as in `/:year-:month-:slug`, JavaScript's engine tries every way to divide a path
 * among these parts before it rejects the path: 16 KiB of hyphens block the process for hours. Such
 * an expression is run as a nondeterministic machine instead, which is in all its possible states
 * at once and takes time proportional to the length of the path.
 *
 * An expression with assertions, back references or the like is left to JavaScript's engine: only a
 * group that the author of the route wrote can contain them.
 */
export function compileExpression(source: string): PathMatcher {
  const expression = new RegExp(source);
  const parsed = hasManyWays(source) ? parseExpression(source) : undefined;
  const machine = parsed === undefined ? undefined : buildMachine(parsed);
  return machine === undefined ? (path) => expression.test(path) : (path) => accepts(machine, path);
}

/**
 * Whether the expression has two or more unbounded repetitions. Signs that are escaped or in a
 * class are counted too, which only makes the matching slower.
 */
function hasManyWays(source: string): boolean {
  return (source.match(/[*+]|\{\d+,/g) ?? []).length > 1;
}

interface Machine {
  readonly states: readonly State[];
  readonly start: number;
}

/** Returns `undefined` if the machine would be too large. */
function buildMachine(expression: PathExpression): Machine | undefined {
  const states: State[] = [{ next: [] }];
  const add = (state: State): number => states.push(state) - 1;

  const repeated = (item: PathExpression, least: number, most: number, next: number): number => {
    let entry = next;
    if (most === Infinity) {
      const loop: State = { next: [] };
      entry = add(loop);
      loop.next = [build(item, entry), next];
    } else {
      for (let count = least; count < most && states.length <= maxStates; count += 1) {
        entry = add({ next: [build(item, entry), next] });
      }
    }
    for (let count = 0; count < least && states.length <= maxStates; count += 1) {
      entry = build(item, entry);
    }
    return entry;
  };
  /** Adds the states of `part` and returns its first state. The last states lead to `next`. */
  const build = (part: PathExpression, next: number): number => {
    switch (part.kind) {
      case 'character':
        return add({ takes: part.takes, next: [next] });
      case 'sequence':
        return part.items.reduceRight((following, item) => build(item, following), next);
      case 'choice':
        return add({ next: part.options.map((option) => build(option, next)) });
      case 'repeat':
        return repeated(part.item, part.least, part.most, next);
    }
  };
  const start = build(expression, end);
  return states.length > maxStates ? undefined : { states, start };
}

function accepts({ states, start }: Machine, path: string): boolean {
  /** The step in which each state was entered last, so that no state is entered twice in a step. */
  const entered = new Int32Array(states.length).fill(-1);
  const enter = (index: number, step: number, into: number[]): void => {
    if (entered[index] === step) return;
    entered[index] = step;
    const state = states[index];
    if (state === undefined) return;
    if (state.takes !== undefined || index === end) into.push(index);
    else for (const next of state.next) enter(next, step, into);
  };
  let current: number[] = [];
  enter(start, 0, current);
  for (let at = 0; at < path.length && current.length > 0; at += 1) {
    const code = path.charCodeAt(at);
    const following: number[] = [];
    for (const index of current) {
      const state = states[index];
      if (state?.takes?.(code) === true) {
        for (const next of state.next) enter(next, at + 1, following);
      }
    }
    current = following;
  }
  return current.includes(end);
}
