import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Command } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { createProject } from '../support/project.ts';

/** The `bin/run.js` of an installed netlify-cli; `.ci/run` installs one. */
const netlifyCli = process.env['BGFN_NETLIFY_CLI'] ?? '';
const reason = existsSync(netlifyCli)
  ? ''
  : ' (left out: BGFN_NETLIFY_CLI does not name the bin/run.js of netlify-cli)';

test.skipIf(reason !== '')(
  `netlify functions:serve runs the artifacts, whatever the names of their sources${reason}`,
  async () => {
    const sources = {
      'flat.mjs': `export default async (req) => new Response('flat ' + (await req.text()));`,
      'typed.mts': `export default async (req: Request) => new Response('typed ' + (await req.text()));`,
      'legacy.cjs': `exports.handler = async (event) => ({ statusCode: 201, body: 'legacy ' + Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8') });`,
      'folder/index.ts': `export default async (req: Request) => new Response('folder ' + (await req.text()));`,
    };
    await using site = await createProject({
      'netlify.toml': '[functions]\ndirectory = "netlify/functions"\n',
      'package.json': JSON.stringify({ name: 'lumen', private: true }),
      ...Object.fromEntries(
        Object.entries(sources).map(([file, source]) => [`netlify/functions/${file}`, source]),
      ),
    });
    await site.build();

    const port = await freePort();
    await using serve = new Command(
      process.execPath,
      [netlifyCli, 'functions:serve', '--offline', '--port', String(port)],
      {
        cwd: site.directory,
        environment: {
          NETLIFY_FUNCTIONS_SERVE_LOAD_DIST_FUNCTIONS: 'true',
          HOME: site.path('home'),
          CI: 'true',
          NETLIFY_TELEMETRY_DISABLED: '1',
          NO_UPDATE_NOTIFIER: '1',
        },
      },
    );
    await serve.line(/server ready: http/);
    const answers = await Promise.all(
      ['flat', 'typed', 'legacy', 'folder'].map(async (name) => {
        const response = await fetch(`http://localhost:${port}/.netlify/functions/${name}`, {
          method: 'POST',
          body: 'lamp',
          headers: { 'content-type': 'text/plain' },
        });
        return [response.status, await response.text()];
      }),
    );
    expect(answers).toEqual([
      [200, 'flat lamp'],
      [200, 'typed lamp'],
      [201, 'legacy lamp'],
      [200, 'folder lamp'],
    ]);
  },
  120_000,
);
