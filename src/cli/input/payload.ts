import { readFile } from 'node:fs/promises';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';

export interface PayloadFlags {
  readonly payload?: string;
  /** `-` stands for standard input. */
  readonly payloadFile?: string;
}

/**
 * Reads the payload: the text of `--payload`, or the bytes of `--payload-file`; undefined without
 * either flag.
 *
 * @throws {BgfnError} `USAGE` for both at once, `PAYLOAD_UNREADABLE`.
 */
export async function readPayload({
  payload,
  payloadFile,
}: PayloadFlags): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (payload !== undefined && payloadFile !== undefined) {
    throw new BgfnError('USAGE', 'Give --payload or --payload-file, not both.', { kind: 'usage' });
  }
  if (payloadFile === undefined) return payload;
  try {
    return Uint8Array.from(await readFile(payloadFile === '-' ? '/dev/stdin' : payloadFile));
  } catch (error) {
    throw new BgfnError(
      'PAYLOAD_UNREADABLE',
      `The payload file ${payloadFile} cannot be read: ${messageOf(error)}.`,
      { kind: 'usage' },
    );
  }
}
