/**
 * Returns the frames of a stack and everything that follows the frames (properties, causes),
 * beginning on a new line. The lines before the frames are omitted, because they repeat the error's
 * type and message.
 */
export function stackFrames(stack = ''): string {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => /^\s*at /.test(line));
  return first === -1 ? '' : `\n${lines.slice(first).join('\n')}`;
}
