/** The message says what is wrong with a pattern, as the end of a sentence about the pattern. */
export class PathPatternError extends Error {
  override readonly name = 'PathPatternError';
}
