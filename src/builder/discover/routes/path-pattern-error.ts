/** Says what is wrong with a pattern, as the end of a sentence about it. */
export class PathPatternError extends Error {
  override readonly name = 'PathPatternError';
}
