import path from 'node:path';

/*
 * The files in which a runtime keeps its state. They are in one directory: the queue's file can be
 * chosen (`--store`), and the others are beside it.
 */

/** The default of the queue's file, relative to the working directory. */
export const defaultStoreFile = '.bgfn/queue.db';

/** The file of the logs that belong to a queue. */
export function logFileBeside(storeFile: string): string {
  return path.join(path.dirname(storeFile), 'logs.db');
}

/** The directory into which a runtime with this queue extracts its artifacts. */
export function extractDirectoryBeside(storeFile: string): string {
  return path.join(path.dirname(storeFile), 'functions');
}
