import { parseExpression, type PathExpression } from './parse-expression.ts';

/** Says whether a whole path matches. */
export type PathMatcher = (path: string) => boolean;

/**
 * One state of the machine. It leads to each of `next` without a character, or, when it has
 * `takes`, with one character that it takes.
 */
interface State {
  readonly takes?: (code: number) => boolean;
  next: readonly number[];
}

/** A pattern with more states has counted repetitions that no path needs. */
const maxStates = 2_000;
/** The index of the state that is reached when the whole path matched. */
const end = 0;

/**
 * Compiles the regular expression of a route. Where several parts of it can take any number of
 * characters, as in `/:year-:month-:slug`, JavaScript's own engine tries every way to divide a path
 * among them before it says no: 16 KiB of hyphens keep it busy for hours, and with it everything
 * else in this process. Such an expression is run as a nondeterministic machine instead, which is
 * in all its possible states at once and takes time proportional to the path's length.
 *
 * An expression with assertions, references back or the like is left to JavaScript's engine: only a
 * group that the route's author wrote can have them.
 */
export function compileExpression(source: string): PathMatcher {
  const expression = new RegExp(source);
  const parsed = hasManyWays(source) ? parseExpression(source) : undefined;
  const machine = parsed === undefined ? undefined : buildMachine(parsed);
  return machine === undefined ? (path) => expression.test(path) : (path) => accepts(machine, path);
}

/**
 * Whether the expression has two or more repetitions without an end. Signs that are escaped or in a
 * class count too, which costs nothing but time.
 */
function hasManyWays(source: string): boolean {
  return (source.match(/[*+]|\{\d+,/g) ?? []).length > 1;
}

interface Machine {
  readonly states: readonly State[];
  readonly start: number;
}

/** Gives `undefined` when the machine would be too large. */
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
  /** Adds the states of `one` and gives the state from which it leads to `next`. */
  const build = (one: PathExpression, next: number): number => {
    switch (one.kind) {
      case 'character':
        return add({ takes: one.takes, next: [next] });
      case 'sequence':
        return one.items.reduceRight((following, item) => build(item, following), next);
      case 'choice':
        return add({ next: one.options.map((option) => build(option, next)) });
      case 'repeat':
        return repeated(one.item, one.least, one.most, next);
    }
  };
  const start = build(expression, end);
  return states.length > maxStates ? undefined : { states, start };
}

function accepts({ states, start }: Machine, path: string): boolean {
  /** The step at which each state was entered last, so that none is entered twice in a step. */
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
