/** An indented document for stdout, for commands that print one document with `--json`. */
export function jsonDocument(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A document on one line, for commands that print several. */
export function jsonLine(document: unknown): string {
  return `${JSON.stringify(document)}\n`;
}
