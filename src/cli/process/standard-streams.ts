import { messageOf } from '../../diagnostic/system-error.ts';

/**
 * Ends the command when the reader of stdout closes it first (`| head`), with the exit code set so
 * far. Any other write error, such as a full disk behind `>`, is reported, because the output is
 * incomplete. Errors of stderr are ignored, because there is no other place to report them.
 */
export function watchStandardStreams(): void {
  if (process.stdout.listeners('error').includes(endWithReader)) return;
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', ignore);
}

/**
 * Keeps the command running when the reader of stdout goes away, for commands whose work matters
 * more than their output.
 */
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
