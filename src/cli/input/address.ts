import { InvalidArgumentError } from 'commander';

/**
 * Parses the address of a runtime, for `--url` and `--admin-url`. Any text but an http or https URL
 * is a usage error.
 */
export function parseAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('expected an address such as http://127.0.0.1:8888');
  }
  return text;
}
