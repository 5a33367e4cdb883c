/** Files with frames of ours: the program of Node workers, and the adapter inside an artifact. */
const ownFiles = [new URL('../client/', import.meta.url).href, '/bgfn-adapter.mjs:'];

/**
 * Removes the frames at the end of a stack that show how bgfn called the function: what is left
 * begins and ends in the author's files. This is done for every list of frames in the text, those
 * of causes too; frames of ours between others stay. With `BGFN_DEBUG` set the stack stays as it
 * is.
 *
 * @param stack As `util.inspect` prints an error
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
    // Frames that a frame of the author follows were in between, and stay.
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
 * Node prints this instead of the last frames of an error when they are the last frames of its
 * cause too: they are ours, or are printed with the cause.
 */
const sharedWithCause = /^\s+\.\.\. \d+ lines matching cause stack trace \.\.\./;

function isFrame(line: string): boolean {
  return /^\s+at /.test(line) || sharedWithCause.test(line);
}

function isOwn(line: string): boolean {
  return sharedWithCause.test(line) || ownFiles.some((file) => line.includes(file));
}

/** Frames of Node itself, such as those between an `await` and its function. */
function isOfNode(line: string): boolean {
  return /\(node:|^\s+at (?:async )?node:|\(<anonymous>\)/.test(line);
}
