/**
 * The frames of a stack and what follows them (properties, causes), on lines of their own. The
 * lines before them are left out: they repeat the error's type and message.
 */
export function stackFrames(stack = ''): string {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => /^\s*at /.test(line));
  return first === -1 ? '' : `\n${lines.slice(first).join('\n')}`;
}
