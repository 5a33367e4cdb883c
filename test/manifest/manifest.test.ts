import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  createManifest,
  endpointOf,
  parseManifest,
  readManifest,
  writeManifest,
  type ManifestFunction,
} from '../../src/manifest/index.ts';
import { manifestJsonSchema } from '../../src/manifest/json-schema.ts';
import { temporaryProject } from '../builder/support/temporary-project.ts';

function functionOf(name: string, changes: Record<string, unknown> = {}): ManifestFunction {
  const record: ManifestFunction = {
    name,
    runtime: 'js',
    mainFile: `netlify/functions/${name}.ts`,
    path: `.netlify/functions/${name}.zip`,
    endpoint: endpointOf(name),
    handler: `${name}.handler`,
    invocationMode: 'background',
    timeout: 900,
    maxPayloadBytes: 262_144,
    artifact: {
      file: `${name}.zip`,
      size: 1,
      sha256: 'a'.repeat(64),
      contentDigest: 'b'.repeat(64),
    },
    buildData: { runtimeAPIVersion: 1 },
    priority: 10,
  };
  return { ...record, ...changes };
}

function textOf(functions: readonly unknown[], changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    version: 1,
    generator: 'bgfn@1.0.0',
    system: { arch: 'x64', platform: 'linux' },
    functions,
    ...changes,
  });
}

describe('a manifest', () => {
  test('is read as it was written, with functions sorted by name', async () => {
    await using project = await temporaryProject();
    const manifest = createManifest({
      generator: 'bgfn@1.0.0',
      system: { arch: 'x64', platform: 'linux' },
      functions: [functionOf('b'), functionOf('a')],
    });
    await writeManifest(project.path('out'), manifest);
    const read = await readManifest(project.path('out'));
    expect(read).toEqual(manifest);
    expect(read.functions.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await readdir(project.path('out'))).toEqual(['manifest.json']);
  });

  test('may have fields that this version does not know', () => {
    expect(
      parseManifest(textOf([functionOf('a', { future: 1 })], { timestamp: 1 }), 'm').functions,
    ).toHaveLength(1);
  });

  test('that is missing is reported with the way to make one', async () => {
    await using project = await temporaryProject();
    await expect(readManifest(project.path('nowhere'))).rejects.toMatchObject({
      code: 'MANIFEST_MISSING',
      kind: 'config',
      message: expect.stringContaining(project.path('nowhere')),
      hint: expect.stringContaining('bgfn-build'),
    });
  });

  test('that is a directory cannot be read', async () => {
    await using project = await temporaryProject({ 'manifest.json/x': '' });
    await expect(readManifest(project.directory)).rejects.toMatchObject({
      code: 'MANIFEST_UNREADABLE',
    });
  });

  test.each([
    ['nothing', '', 'MANIFEST_NOT_JSON', 'm is not JSON'],
    ['half a document', '{"version":1,', 'MANIFEST_NOT_JSON', 'm is not JSON'],
    ['null', 'null', 'MANIFEST_INVALID', 'the document: '],
    ['a list', '[]', 'MANIFEST_INVALID', 'the document: '],
    [
      'of a newer version',
      textOf([], { version: 2, functions: 'else' }),
      'MANIFEST_NEWER',
      'has version 2; this bgfn reads version 1',
    ],
    ['without a version', textOf([], { version: undefined }), 'MANIFEST_INVALID', 'version: '],
    ['without functions', textOf([], { functions: undefined }), 'MANIFEST_INVALID', 'functions: '],
    ['with a function that is a text', textOf(['a']), 'MANIFEST_INVALID', 'functions[0]: '],
    [
      'with a timeout that is a text',
      textOf([functionOf('a', { timeout: '9' })]),
      'MANIFEST_INVALID',
      'functions[0] ("a"): timeout: Invalid input: expected number, received string',
    ],
    [
      'with a timeout over the limit',
      textOf([functionOf('a', { timeout: 901 })]),
      'MANIFEST_INVALID',
      'functions[0] ("a"): timeout: ',
    ],
    [
      'with an unknown mode',
      textOf([functionOf('a', { invocationMode: 'later' })]),
      'MANIFEST_INVALID',
      'functions[0] ("a"): invocationMode: ',
    ],
    [
      'with a name that is a path',
      textOf([functionOf('../a')]),
      'MANIFEST_INVALID',
      'functions[0] ("../a"): name: a function name has letters, digits, "-" and "_" only',
    ],
    [
      'with an artifact outside its directory',
      textOf([functionOf('a', { artifact: { ...functionOf('a').artifact, file: '../a.zip' } })]),
      'MANIFEST_INVALID',
      'artifact.file: expected "<name>.zip"',
    ],
    [
      'with a digest that is none',
      textOf([functionOf('a', { artifact: { ...functionOf('a').artifact, sha256: 'x' } })]),
      'MANIFEST_INVALID',
      'artifact.sha256: expected 64 lower-case hex digits',
    ],
    [
      'with a function twice',
      textOf([functionOf('a'), functionOf('a')]),
      'MANIFEST_NAME_CONFLICT',
      'names the function "a" twice',
    ],
    [
      'with an artifact of another name',
      textOf([functionOf('a', { artifact: functionOf('b').artifact })]),
      'MANIFEST_NAME_CONFLICT',
      'it must be "a.zip"',
    ],
  ])('that is %s is refused in words', (_what, text, code, message) => {
    expect(() => parseManifest(text, 'm')).toThrow(
      expect.objectContaining({ code, kind: 'config', message: expect.stringContaining(message) }),
    );
  });

  test('with many problems names the first ten', () => {
    const text = textOf(
      Array.from({ length: 12 }, (_, index) => functionOf(`f${index}`, { priority: 'x' })),
    );
    expect(() => parseManifest(text, 'm')).toThrow('and 2 more');
  });
});

test('the JSON Schema that ships is the one of the zod schema (run scripts/write-manifest-schema.ts after a change)', async () => {
  expect(
    await readFile(new URL('../../src/manifest/manifest.schema.json', import.meta.url), 'utf8'),
  ).toBe(manifestJsonSchema());
});
