/**
 * The files whose frames belong to bgfn: the program of Node workers, and the adapter in an
 * artifact.
 */
const ownFiles = [new URL('../client/', import.meta.url).href, '/bgfn-adapter.mjs:'];

/**
 * Removes the frames at the end of a stack that show how bgfn called the function. The remaining
 * stack begins and ends in the author's files. Every list of frames in the text is cut, including
 * the lists of causes. Frames of bgfn between other frames stay. With `BGFN_DEBUG` set, the stack
 * is returned unchanged.
 *
 * @param stack The text that `util.inspect` prints for an error
 */
export function withoutOwnFrames(
  stack: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (environment['BGFN_DEBUG'] !== undefined) return stack;
  const kept: string[] = [];
  let cut: string[] = [];
  for (const line of [...stack.split('\n'), undefined]) {
    if (line !== undefined && isFrame(line) && (isOwn(line) || isOfNode(line))) {
      cut.push(line);
      continue;
    }
    // A frame of the author follows: the collected frames are in the middle of the stack, and stay.
    if ((line !== undefined && isFrame(line)) || !cut.some((frame) => isOwn(frame))) {
      kept.push(...cut);
    }
    // The brace that opens an error's own properties follows its last frame.
    else if (cut.at(-1)?.endsWith(' {') === true && kept.length > 0) {
      kept.push(`${kept.pop() ?? ''} {`);
    }
    if (line !== undefined) kept.push(line);
    cut = [];
  }
  return kept.join('\n');
}

/**
 * The line that Node prints instead of the last frames of an error when the cause of the error ends
 * with the same frames. These frames belong to bgfn, or are printed with the cause.
 */
const sharedWithCause = /^\s+\.\.\. \d+ lines matching cause stack trace \.\.\./;

function isFrame(line: string): boolean {
  return /^\s+at /.test(line) || sharedWithCause.test(line);
}

function isOwn(line: string): boolean {
  return sharedWithCause.test(line) || ownFiles.some((file) => line.includes(file));
}

/** Whether a frame belongs to Node itself, such as the frames between an `await` and its function. */
function isOfNode(line: string): boolean {
  return /\(node:|^\s+at (?:async )?node:|\(<anonymous>\)/.test(line);
}
