const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Splits a stream of bytes into lines. Only whole lines are decoded, so that a character that is
 * split over two chunks stays intact. A line longer than `maxLineBytes` is cut between two
 * characters and marked; the rest of the line is skipped.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #emit: (text: string) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #skipping = false;

  constructor(maxLineBytes: number, emit: (text: string) => void) {
    this.#maxLineBytes = maxLineBytes;
    this.#emit = emit;
  }

  write(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      this.#add(chunk.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** Emits the unfinished line, which has no newline yet. */
  flush(): void {
    if (this.#pendingBytes > 0 || this.#skipping) this.#endLine();
  }

  /** Discards the unfinished line. */
  reset(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#skipping = false;
  }

  #add(part: Buffer): void {
    if (this.#skipping) return;
    this.#pending.push(part);
    this.#pendingBytes += part.length;
    if (this.#pendingBytes <= this.#maxLineBytes) return;
    const line = cutAtCharacter(Buffer.concat(this.#pending), this.#maxLineBytes);
    this.reset();
    this.#skipping = true;
    this.#emit(`${line.toString('utf8')}… [line cut at ${this.#maxLineBytes} bytes]`);
  }

  #endLine(): void {
    if (!this.#skipping) {
      const [first] = this.#pending;
      const bytes =
        this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
      const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
      this.#emit(bytes.toString('utf8', 0, end));
    }
    this.reset();
  }
}

/**
 * Returns the first `maxBytes` bytes, without the beginning of a character that would be cut in
 * two.
 */
function cutAtCharacter(bytes: Buffer, maxBytes: number): Buffer {
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
