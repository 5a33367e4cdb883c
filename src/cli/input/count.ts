import { InvalidArgumentError } from 'commander';

/** Parses a whole number from 1, for flags such as `--limit`. Any other text is a usage error. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('expected a whole number from 1');
  }
  return count;
}
