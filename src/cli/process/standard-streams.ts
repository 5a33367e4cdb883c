import { messageOf } from '../../diagnostic/system-error.ts';

/**
 * Ends the command when the reader of stdout goes away first (`| head`), with the exit code it
 * would have had so far. Any other write error, such as a full disk behind `>`, is reported,
 * because the output is not whole. Errors of stderr are ignored: nobody reads it.
 */
export function watchStandardStreams(): void {
  if (process.stdout.listeners('error').includes(endWithReader)) return;
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', ignore);
}

/** Keeps the command running without a reader of stdout: its work matters more than its output. */
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
