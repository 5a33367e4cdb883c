import type { RunnableFunction } from '../worker.ts';

/** What a function has when its manifest entry names no other number: Netlify's default. */
const defaultMemoryMb = 1024;

/** MB that a function may use. */
export function memoryMbOf(fn: RunnableFunction): number {
  return fn.memoryMb ?? defaultMemoryMb;
}
