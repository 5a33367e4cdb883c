/**
 * Characters that control a terminal or change the order in which text is displayed: the C0 and C1
 * controls except tab and line feed, DEL, the line and paragraph separators, and the marks that
 * override the direction of writing.
 */
// oxlint-disable-next-line no-control-regex -- the pattern must match control characters
const acting = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/**
 * Makes text that a function printed safe for a terminal. Characters that would move the cursor,
 * set a colour or a title, or overwrite text are shown as escapes (`\x1b`). All lines but the first
 * are indented, so that no output can look like a line of bgfn or of another function.
 */
export function visibleText(text: string): string {
  return text.replace(acting, escapeOf).replaceAll('\n', '\n    ');
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\r') return String.raw`\r`;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
