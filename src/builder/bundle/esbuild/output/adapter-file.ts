import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { eventHandlerSlugs } from '../../../discover/source-config/event-handlers.ts';
import type { AdapterModules } from '../../contract/bundle-options.ts';
import type { BundleFile } from '../../contract/bundle.ts';
import { viaEsbuild } from '../esbuild-process.ts';

/**
 * Path of the adapter in an artifact. The adapter has a file of its own so that it stays minified;
 * inside the bundle esbuild would print it in full.
 */
export const adapterPath = 'bgfn-adapter.mjs';

const eventHandlerNames = Object.keys(eventHandlerSlugs).filter((name) => name !== 'fetch');
const eventHandlerName = new RegExp(String.raw`\b(?:${eventHandlerNames.join('|')})\b`);

/**
 * Returns the adapter's text for an artifact of these files. When all code is generated and names
 * no event handler, the adapter without the dispatch of Netlify's events is enough.
 */
export function adapterFor(files: readonly BundleFile[], adapter: AdapterModules): Promise<string> {
  const mayHandleEvents = files.some(({ path: file, content }) =>
    'bytes' in content ? eventHandlerName.test(latin1(content.bytes)) : /\.[cm]?js$/.test(file),
  );
  return adapterText(mayHandleEvents ? adapter.whole : adapter.httpOnly);
}

/** Decodes bytes as Latin-1, which only copies them. The names to search for are ASCII. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/**
 * Texts of the compiled adapters by their entry module. The adapters are part of bgfn and the same
 * for every build of a process, so no session contains them.
 */
const adapterTexts = new Map<string, Promise<string>>();

/**
 * Returns an adapter as one minified module, compiled once in a process. It is compiled from its
 * text, so the result contains no trace of bgfn's own path.
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
