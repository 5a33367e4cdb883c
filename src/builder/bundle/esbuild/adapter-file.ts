import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { eventHandlerSlugs } from '../../discover/source-config/event-handlers.ts';
import type { AdapterModules } from '../contract/bundle-options.ts';
import type { BundleFile } from '../contract/bundle.ts';
import { viaEsbuild } from './esbuild-process.ts';

/**
 * The adapter's file in an artifact. A file of its own stays minified; inside the bundle esbuild
 * would print it in full.
 */
export const adapterPath = 'bgfn-adapter.mjs';

const eventHandlerNames = Object.keys(eventHandlerSlugs).filter((name) => name !== 'fetch');
const eventHandlerName = new RegExp(String.raw`\b(?:${eventHandlerNames.join('|')})\b`);

/**
 * The adapter for an artifact of these files. Where all code is generated and names no event
 * handler, it is the one without the dispatch of Netlify's events.
 */
export function adapterFor(files: readonly BundleFile[], adapter: AdapterModules): Promise<string> {
  const mayHandleEvents = files.some(({ path: file, content }) =>
    'bytes' in content ? eventHandlerName.test(latin1(content.bytes)) : /\.[cm]?js$/.test(file),
  );
  return adapterText(mayHandleEvents ? adapter.whole : adapter.httpOnly);
}

/** The names searched for are ASCII, and Latin-1 is a copy of the bytes and no decoding. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/**
 * The compiled adapters by their entry module. They are part of bgfn and the same for every build
 * of a process, so they are in no session.
 */
const adapterTexts = new Map<string, Promise<string>>();

/**
 * An adapter as one minified module, compiled once in a process. As text it leaves no trace of
 * where bgfn is installed.
 */
function adapterText(adapterFile: string): Promise<string> {
  let text = adapterTexts.get(adapterFile);
  if (text === undefined) {
    text = compileAdapter(adapterFile);
    adapterTexts.set(adapterFile, text);
  }
  return text;
}

async function compileAdapter(adapterFile: string): Promise<string> {
  const contents = await readFile(adapterFile, 'utf8');
  const result = await viaEsbuild(() =>
    build({
      stdin: {
        contents,
        resolveDir: path.dirname(adapterFile),
        loader: 'ts',
        sourcefile: 'adapter.ts',
      },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      minify: true,
      legalComments: 'none',
      charset: 'utf8',
      logLevel: 'silent',
      tsconfigRaw: {},
    }),
  );
  return result.outputFiles[0]?.text ?? '';
}
