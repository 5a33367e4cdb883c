import path from 'node:path';

/**
 * The files in which a runtime keeps its state. They lie together: the queue's file can be chosen
 * (`--store`), the others are beside it.
 */

/** The queue's file unless another is named, relative to the working directory. */
export const defaultStoreFile = '.bgfn/queue.db';

/** The logs that belong to a queue. */
export function logFileBeside(storeFile: string): string {
  return path.join(path.dirname(storeFile), 'logs.db');
}

/** The directory that the artifacts served from a queue are extracted to. */
export function extractDirectoryBeside(storeFile: string): string {
  return path.join(path.dirname(storeFile), 'functions');
}
