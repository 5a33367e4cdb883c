import { messageOf } from '../../diagnostic/system-error.ts';

/**
 * Who reads us may go away first (`| head`): the command has no more to say and ends, by the exit
 * code it would have had so far. Any other error, such as a full disk behind `>`, means that the
 * output is not whole. What people would be told on stderr when nobody reads it is dropped.
 */
export function watchStandardStreams(): void {
  if (process.stdout.listeners('error').includes(endWithReader)) return;
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', ignore);
}

/** For commands whose work matters more than what they print: they go on without a reader. */
export function outliveReaders(): void {
  process.stdout.off('error', endWithReader);
  process.stdout.on('error', ignore);
}

function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    process.stderr.write(`The output cannot be written: ${messageOf(error)}.\n`);
    process.exitCode = 1;
  }
  process.exit();
}

function ignore(): void {}
