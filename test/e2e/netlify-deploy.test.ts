import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { manifestSchema } from '../../src/manifest/schema.ts';
import { Command } from '../support/command.ts';
import { createProject } from '../support/project.ts';
import { NetlifyApi } from './support/netlify-api.ts';

/**
 * The `bin/run.js` of an installed netlify-cli; `.ci/run` installs one. netlify-cli is not a
 * dependency, because it has a thousand packages.
 */
const netlifyCli = process.env['BGFN_NETLIFY_CLI'] ?? '';
const reason = existsSync(netlifyCli)
  ? ''
  : ' (left out: BGFN_NETLIFY_CLI does not name the bin/run.js of netlify-cli)';

test.skipIf(reason !== '')(
  `netlify deploy accepts the manifest and uploads the artifacts unchanged${reason}`,
  async () => {
    await using site = await createProject({
      'public/index.html': '<!doctype html><title>Lumen</title>',
      'netlify.toml':
        '[build]\npublish = "public"\n\n[functions]\ndirectory = "netlify/functions"\n',
      'package.json': JSON.stringify({ name: 'lumen', private: true }),
      'netlify/functions/hello-background.mts': `export default async (req: Request) => console.log(await req.text());`,
      'netlify/functions/mailing.mjs': `export default async () => {};\nexport const config = { background: true };`,
      'netlify/functions/api.mjs': `export default async () => new Response('ok');\nexport const config = { path: '/api/:id', method: 'GET' };`,
      'netlify/functions/nightly.mjs': `export default async () => {};\nexport const config = { schedule: '@daily' };`,
      'netlify/functions/legacy-background.js': `exports.handler = async () => {};`,
    });
    await site.build();
    const manifest = manifestSchema.parse(
      JSON.parse(await readFile(site.path('.netlify/functions/manifest.json'), 'utf8')),
    );

    await using api = await NetlifyApi.start();
    await using deploy = new Command(
      process.execPath,
      [netlifyCli, 'deploy', '--no-build', '--prod', '--site', 'lumen', '--auth', 'x'],
      {
        cwd: site.directory,
        environment: {
          NETLIFY_API_URL: api.origin,
          HOME: site.path('home'),
          CI: 'true',
          NETLIFY_TELEMETRY_DISABLED: '1',
          NO_UPDATE_NOTIFIER: '1',
        },
      },
    );
    const { code } = await deploy.exited;
    if (code !== 0) throw new Error(`netlify deploy ended with ${code}:\n${deploy.output}`);

    expect(deploy.output).toContain('Deploying functions from cache');
    expect(api.announced?.functions).toEqual(
      Object.fromEntries(manifest.functions.map(({ name, artifact }) => [name, artifact.sha256])),
    );
    expect(api.announced?.function_schedules).toEqual([{ name: 'nightly', cron: '@daily' }]);
    expect(api.announced?.functions_config).toMatchObject({
      api: { routes: [{ pattern: '/api/:id', methods: ['GET'] }] },
    });
    expect(
      api.uploads.map(({ name, sha256, size }) => ({ name, sha256, size })).toSorted(byName),
    ).toEqual(
      manifest.functions.map(({ name, artifact: { sha256, size } }) => ({ name, sha256, size })),
    );
    const background = api.uploads
      .filter(({ query }) => query['invocation_mode'] === 'background')
      .toSorted(byName);
    expect(
      background.map(({ name, query }) => `${name} ${query['runtime']} ${query['timeout']}`),
    ).toEqual([
      'hello-background nodejs24.x 900',
      'legacy-background nodejs24.x 900',
      'mailing nodejs24.x 900',
    ]);
  },
  120_000,
);

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
