import { describe, expect, test } from 'vitest';
import { discoverSite } from './support/temporary-site.ts';

const handler = 'exports.handler = async () => ({ statusCode: 200 });\n';

describe('an object of the application that is called `config`, beside a v1 handler', () => {
  test.each([
    ['a.js', `${handler}exports.config = require('convict')({ port: 1 });\n`],
    ['a.js', `${handler}exports.config = loadConfig();\n`],
    ['a.js', `const config = { url: process.env.API_URL };\n${handler}exports.config = config;\n`],
    ['a.js', `const config = require('app-config');\n${handler}module.exports.config = config;\n`],
    ['a.ts', `export const handler = async () => {};\nexport const config = new Config();\n`],
    ['a.ts', `export const handler = async () => {};\nexport const config = 'local';\n`],
    ['a.ts', `export const handler = async () => {};\nexport function config() {}\n`],
  ])('%s %j is a warning, and the function is built', async (file, source) => {
    const { specs, diagnostics } = await discoverSite({ [`netlify/functions/${file}`]: source });
    expect(specs).toMatchObject([{ name: 'a', authoring: 1 }]);
    expect(diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: expect.stringMatching(/^CONFIG_(?:NOT_STATIC|INVALID)$/),
        message: expect.stringMatching(/ It is not read\.$/),
        functionName: 'a',
      },
    ]);
  });

  test('is an error when it mentions a setting', async () => {
    const { specs, diagnostics } = await discoverSite({
      'netlify/functions/a.js': `${handler}exports.config = { background: process.env.X === '1' };\n`,
    });
    expect(specs).toEqual([]);
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'CONFIG_NOT_STATIC' }]);
  });
});
