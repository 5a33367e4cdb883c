/**
 * Characters that a terminal acts on, or that change the order in which text is read: C0 and C1
 * controls but tab and line feed, DEL, line and paragraph separators, and the marks that override
 * the direction of writing.
 */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const acting = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/**
 * Text that a function printed, made safe for a terminal: characters that would move the cursor,
 * colour, retitle or overwrite are shown as escapes (`\x1b`), and further lines are indented, so
 * that no output can pass for a line of bgfn or of another function.
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
