import { hash } from 'node:crypto';

/** The SHA-256 of a text or of bytes, in hex. */
export function sha256Of(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
