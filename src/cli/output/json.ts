/** A document for stdout, indented: what a command with `--json` prints once. */
export function jsonDocument(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A document on one line, for commands that print several. */
export function jsonLine(document: unknown): string {
  return `${JSON.stringify(document)}\n`;
}
