import type { RunnableFunction } from '../worker.ts';

/** The memory of a function whose manifest entry names no number: Netlify's default. */
const defaultMemoryMb = 1024;

/** Returns the memory that a function may use, in MB. */
export function memoryMbOf(fn: RunnableFunction): number {
  return fn.memoryMb ?? defaultMemoryMb;
}
