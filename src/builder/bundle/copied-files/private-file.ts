import { readFileSync } from 'node:fs';
import path from 'node:path';

const keyFile = /\.(?:pem|key|p8|p12|pfx|ppk|jks|keystore)$|^id_(?:rsa|dsa|ecdsa|ed25519)$/i;
const credentials = /^(?:\.npmrc|\.yarnrc\.yml|\.netrc|\.pgpass|\.htpasswd)$/i;

/** Whether a file has settings of a machine by its name: `.env`, `.env.local`. */
export function isEnvironmentFile(file: string): boolean {
  return /^\.env(?:\..+)?$/i.test(path.basename(file));
}

/**
 * Whether a file has secrets: settings of a machine, credentials, and private keys. A certificate
 * is no secret, so the files in which keys are kept are opened.
 */
export function isPrivateFile(file: string): boolean {
  const name = path.basename(file);
  if (isEnvironmentFile(file) || credentials.test(name)) return true;
  if (!keyFile.test(name)) return false;
  try {
    const text = readFileSync(file, 'latin1');
    return text.includes('PRIVATE KEY') || !text.includes('-----BEGIN ');
  } catch {
    return true;
  }
}
