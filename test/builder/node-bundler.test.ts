import { expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { callArtifact } from './support/call-artifact.ts';
import { temporaryProject } from './support/temporary-project.ts';

/** A package that cannot be part of one file: it reads a file beside itself. */
const fonts = {
  'node_modules/fonts/package.json': '{ "name": "fonts", "version": "1.0.0" }',
  'node_modules/fonts/index.js': `const { readFileSync } = require('node:fs');\nexports.name = readFileSync(__dirname + '/name.txt', 'utf8');\n`,
  'node_modules/fonts/name.txt': 'Serif',
  'node_modules/greet/package.json': '{ "name": "greet", "version": "1.0.0" }',
  'node_modules/greet/index.js': `exports.greet = (name) => 'hello ' + name;\n`,
};
const functions = {
  'netlify/functions/v1.js': `const { name } = require('fonts');\nconst { greet } = require('greet');\nexports.handler = async () => ({ statusCode: 200, body: greet(name) });\n`,
  'netlify/functions/v2.mts': `import { name } from 'fonts';\nimport { greet } from 'greet';\nexport default async () => new Response(greet(name));\n`,
};

function toml(bundler: string): Record<string, string> {
  return { 'netlify.toml': `[functions]\nnode_bundler = "${bundler}"\n` };
}

test.each([
  ['esbuild', 'esbuild', 0],
  ['zisi', 'esbuild', 2],
  ['nft', 'nft', 0],
])(
  'with node_bundler = "%s" a package that reads files beside itself works in v1 and v2',
  async (bundler, inManifest, warnings) => {
    await using project = await temporaryProject({ ...fonts, ...functions, ...toml(bundler) });
    const result = await build({ projectDirectory: project.directory, cache: false });
    expect(result.manifest.functions.map((fn) => fn.bundler)).toEqual([inManifest, inManifest]);
    expect(result.warnings).toHaveLength(warnings);
    expect(await callArtifact(project, 'v1')).toBe('hello Serif');
    expect(await callArtifact(project, 'v2')).toBe('hello Serif');
  },
);

test('with node_bundler = "none" the packages are those in included_files', async () => {
  await using project = await temporaryProject({
    ...fonts,
    ...functions,
    'netlify.toml':
      '[functions]\nnode_bundler = "none"\nincluded_files = ["node_modules/fonts/**", "node_modules/greet/**"]\n',
  });
  const { manifest, warnings } = await build({ projectDirectory: project.directory, cache: false });
  expect(manifest.functions.map(({ bundler }) => bundler)).toEqual(['none', 'none']);
  expect(await callArtifact(project, 'v2')).toBe('hello Serif');
  expect(warnings).toEqual([]);
});

test('with node_bundler = "none" a package that is not included is a warning', async () => {
  await using project = await temporaryProject({
    ...fonts,
    'netlify/functions/v2.mts': functions['netlify/functions/v2.mts'],
    'netlify.toml':
      '[functions]\nnode_bundler = "none"\nincluded_files = ["node_modules/greet/**"]\n',
  });
  const { warnings } = await build({ projectDirectory: project.directory, cache: false });
  expect(warnings).toMatchObject([
    {
      code: 'PACKAGE_LEFT_OUT',
      message: 'The bundler "none" ships no packages, and "v2" imports fonts.',
    },
  ]);
});
