/** Where a frame of ours can be: the Node worker's program, and the adapter inside an artifact. */
const ownFiles = [new URL('../client/', import.meta.url).href, '/bgfn-adapter.mjs:'];

/**
 * A stack without the frames at its end that show how bgfn called the function: what is left begins
 * and ends in the author's files. Every list of frames in it is cut, those of causes too; frames of
 * ours between others stay. With `BGFN_DEBUG` set it stays as it is.
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
    // Only what comes before the next frame of the author's was in between: that stays.
    if ((line !== undefined && isFrame(line)) || !cut.some((frame) => isOwn(frame))) {
      kept.push(...cut);
    }
    // The brace that opens an error's own properties stands behind its last frame.
    else if (cut.at(-1)?.endsWith(' {') === true && kept.length > 0) {
      kept.push(`${kept.pop() ?? ''} {`);
    }
    if (line !== undefined) kept.push(line);
    cut = [];
  }
  return kept.join('\n');
}

/**
 * What Node prints for the frames at the end that an error shares with its cause: they are ours, or
 * stand below in the cause's stack.
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
