import process from 'node:process';
import { maxCalls } from '../esbuild-process.ts';

/** Below this much available memory, the first call of a build is the only one until it ends. */
const roomyBytes = 3 * 1024 * 1024 * 1024;
/** A function with a larger output is large: its calls take memory, and its sources are shared. */
const largeOutputBytes = 4 * 1024 * 1024;
/** Bounds the functions of a call as long as no output is known. */
const firstFunctions = 8;
const mostFunctions = 16;

/** The limits of the next call of esbuild. */
export interface BatchLimits {
  /** Calls at once. */
  readonly calls: number;
  /** Functions in one call. */
  readonly functions: number;
  /** Whether functions are gathered in one call that have nothing visible in common. */
  readonly gathersAll: boolean;
}

/**
 * Decides how many functions a call of esbuild has, and how many calls there are at once. While
 * esbuild links, a function takes about ten times the memory of its output (measured: 650 MB for
 * one function with an output of 33 MB, 160 to 350 MB for each further function of a call). So
 * large functions take turns.
 *
 * @param largestOutput Bytes of the largest output of a function so far; undefined when no call has
 *   ended
 */
export function batchLimits(
  largestOutput: number | undefined,
  availableBytes: number = process.availableMemory(),
): BatchLimits {
  const isRoomy = availableBytes >= roomyBytes;
  if (largestOutput === undefined) {
    return isRoomy
      ? { calls: maxCalls, functions: firstFunctions, gathersAll: false }
      : { calls: 1, functions: 2, gathersAll: false };
  }
  if (largestOutput < largeOutputBytes) {
    return { calls: maxCalls, functions: mostFunctions, gathersAll: false };
  }
  const share = Math.floor(availableBytes / 24 / largestOutput);
  return {
    calls: isRoomy ? 2 : 1,
    functions: Math.max(1, Math.min(share, mostFunctions / 4)),
    gathersAll: true,
  };
}
