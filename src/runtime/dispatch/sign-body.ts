import { createHash, createHmac } from 'node:crypto';

/**
 * Creates the compact JWS of Netlify's signed webhooks: HS256 over `{ iss, sha256 }`, where
 * `sha256` is the hex digest of the body. A receiver checks the signature, and compares the digest
 * with that of the received bytes.
 */
export function signBody(body: string, secret: string): string {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const content = [
    { alg: 'HS256', typ: 'JWT' },
    { iss: 'bgfn', sha256 },
  ]
    .map(encodePart)
    .join('.');
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
