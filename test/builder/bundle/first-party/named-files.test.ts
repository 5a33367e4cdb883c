import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** The project of every shape: text files that answer with their own names. */
const texts = {
  'data/a.txt': 'a',
  'data/b.txt': 'b',
  'data/deep/c.txt': 'c',
  'assets/logo.txt': 'logo',
  'functions/own.txt': 'own',
  'lib/near.txt': 'near',
  'src/unrelated.txt': 'unrelated',
  'private/key.pem': 'private',
  '.env': 'SECRET=1',
};

interface Shape {
  readonly what: string;
  readonly code: string;
  readonly expected: string;
  /** Further files of the project. */
  readonly files?: Readonly<Record<string, string>>;
  readonly entry?: string;
}

/** A function that answers with the value of an expression. */
function esm(statements: string, expression: string): string {
  return `${statements}\n${answer(expression)}`;
}

const fsPackage = {
  'node_modules/fs-plus/package.json': '{"name":"fs-plus","version":"1.0.0","main":"index.js"}',
  'node_modules/fs-plus/index.js': dedent`
    const fs = require('fs');
    module.exports = { ...fs, readJson: async (file) => JSON.parse(fs.readFileSync(file, 'utf8')) };
  `,
};

/** Stands for a package that opens what it is given. */
const opener = {
  'node_modules/opener/package.json': '{"name":"opener","version":"1.0.0","main":"index.js"}',
  'node_modules/opener/index.js': dedent`
    const fs = require('fs');
    const path = require('path');
    const open = (place) => fs.statSync(place).isDirectory()
      ? fs.readdirSync(place).toSorted().join()
      : fs.readFileSync(place, 'utf8');
    exports.open = open;
    exports.Opener = class { constructor(file) { this.text = open(file); } };
    exports.config = (options) => Object.values(options).map(open).join();
    exports.nested = ({ attachments }) => attachments.map((one) => open(one.path)).join();
    exports.find = (name, options) => open(path.join(options.root, name));
  `,
};

const reading: readonly Shape[] = [
  {
    what: 'a constant',
    code: esm(`import fs from 'fs'; const F = './data/a.txt';`, `fs.readFileSync(F, 'utf8')`),
    expected: 'a',
  },
  {
    what: 'path.join of words',
    code: esm(
      `import fs from 'fs'; import path from 'path';`,
      `fs.readFileSync(path.join('data', 'a.txt'), 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'a template with a constant directory',
    code: esm(
      `import fs from 'fs'; const dir = 'data';`,
      '["a", "b"].map((n) => fs.readFileSync(`${dir}/${n}.txt`, "utf8"))',
    ),
    expected: 'a,b',
  },
  {
    what: 'a renamed import',
    code: esm(`import { readFileSync as r } from 'node:fs';`, `r('data/a.txt', 'utf8')`),
    expected: 'a',
  },
  {
    what: 'a namespace import',
    code: esm(`import * as disk from 'fs';`, `disk.readFileSync('data/a.txt', 'utf8')`),
    expected: 'a',
  },
  {
    what: 'promises of a require, destructured',
    code: dedent`
      const { readFile } = require('fs').promises;
      exports.handler = async () => ({ statusCode: 200, body: await readFile('data/a.txt', 'utf8') });
    `,
    entry: 'functions/f.js',
    expected: 'a',
  },
  {
    what: 'nested destructuring, renamed',
    code: dedent`
      const { promises: { readFile: load } } = require('node:fs');
      const file = 'data/a.txt';
      exports.handler = async () => ({ statusCode: 200, body: await load(file, 'utf8') });
    `,
    entry: 'functions/f.cjs',
    expected: 'a',
  },
  {
    what: 'fs/promises',
    code: esm(`import { readFile } from 'fs/promises';`, `await readFile('data/a.txt', 'utf8')`),
    expected: 'a',
  },
  {
    what: 'a package like fs',
    code: esm(
      `import fse from 'fs-plus'; const F = 'data/x.json';`,
      `(await fse.readJson(F)).x + fse.readFileSync('data/a.txt', 'utf8')`,
    ),
    files: { ...fsPackage, 'data/x.json': '{"x":"x"}' },
    expected: 'xa',
  },
  {
    what: 'a directory that is read',
    code: esm(`import fs from 'fs';`, `fs.readdirSync('./data')`),
    expected: 'a.txt,b.txt,deep',
  },
  {
    what: 'a directory that is named with one word',
    code: esm(
      `import fs from 'fs'; import { join } from 'path'; const dir = 'data';`,
      `fs.readdirSync(dir).filter((n) => n.endsWith('.txt')).map((n) => fs.readFileSync(join(dir, n), 'utf8'))`,
    ),
    expected: 'a,b',
  },
  {
    what: 'existsSync',
    code: esm(`import { existsSync } from 'fs';`, `existsSync('data/a.txt')`),
    expected: 'true',
  },
  {
    what: 'a stream',
    code: esm(
      `import { createReadStream } from 'fs'; import { text } from 'node:stream/consumers';`,
      `await text(createReadStream('data/a.txt'))`,
    ),
    expected: 'a',
  },
  {
    what: 'process.loadEnvFile',
    code: esm(`process.loadEnvFile('config/app.env');`, `process.env.COLOR`),
    files: { 'config/app.env': 'COLOR=red' },
    expected: 'red',
  },
  {
    what: 'a promisified function',
    code: esm(
      `import fs from 'fs'; import { promisify } from 'util'; const read = promisify(fs.readFile);`,
      `await read('data/a.txt', 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'path.resolve',
    code: esm(
      `import fs from 'fs'; import { resolve } from 'path'; const file = resolve('data', 'a.txt');`,
      `fs.readFileSync(file, 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'a constant of another module',
    code: esm(
      `import fs from 'fs'; import { paths } from '../lib/paths.mjs';`,
      `fs.readFileSync(paths.a, 'utf8')`,
    ),
    files: { 'lib/paths.mjs': `const root = 'data'; export const paths = { a: root + '/a.txt' };` },
    expected: 'a',
  },
  {
    what: 'a fallback of an environment variable',
    code: esm(
      `import fs from 'fs'; const dir = process.env.DATA_DIR ?? 'data';`,
      'fs.readFileSync(`${dir}/a.txt`, "utf8")',
    ),
    expected: 'a',
  },
  {
    what: 'a default of a parameter',
    code: esm(
      `import fs from 'fs'; const load = (file = 'data/a.txt') => fs.readFileSync(file, 'utf8');`,
      'load()',
    ),
    expected: 'a',
  },
  {
    what: 'a list of files',
    code: esm(
      `import fs from 'fs'; const files = ['data/a.txt', 'data/b.txt']; const out = [];
       for (const file of files) out.push(fs.readFileSync(file, 'utf8'));`,
      'out',
    ),
    expected: 'a,b',
  },
  {
    what: 'a class field',
    code: esm(
      `import fs from 'fs'; import path from 'path';
       class Store { root = path.resolve('data'); get(name) { return fs.readFileSync(path.join(this.root, name), 'utf8'); } }`,
      `new Store().get('a.txt')`,
    ),
    expected: 'a',
  },
  {
    what: "Lambda's variable with the root",
    code: esm(
      `import fs from 'fs'; import path from 'path'; const root = process.env.LAMBDA_TASK_ROOT || process.cwd();`,
      `fs.readFileSync(path.join(root, 'data/a.txt'), 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'a file below the own location, through a helper function',
    code: esm(
      `import fs from 'fs'; import { fileURLToPath } from 'url';
       const asset = (name) => fileURLToPath(new URL(name, import.meta.url));`,
      `fs.readFileSync(asset('./own.txt'), 'utf8') + fs.readFileSync(asset('../data/a.txt'), 'utf8')`,
    ),
    expected: 'owna',
  },
  {
    what: 'a word that is passed to a helper function',
    code: esm(
      `import fs from 'fs'; const list = (dir) => fs.readdirSync(dir).length;`,
      `list('data')`,
    ),
    expected: '3',
  },
  {
    what: 'joined items of an array',
    code: esm(
      `import fs from 'fs'; const names = ['data', 'a.txt'];`,
      `fs.readFileSync(names.join('/'), 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'spread items of an array',
    code: esm(
      `import fs from 'fs'; import path from 'path'; const names = ['data', 'a.txt'];`,
      `fs.readFileSync(path.join(...names), 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'a module that is imported later',
    code: esm(
      `const run = async () => { const { readFile } = await import('node:fs/promises'); return readFile('data/a.txt', 'utf8'); };`,
      'await run()',
    ),
    expected: 'a',
  },
  {
    what: 'a pattern of globSync',
    code: esm(`import fs from 'fs';`, `fs.globSync('data/*.txt').toSorted()`),
    expected: 'data/a.txt,data/b.txt',
  },
  {
    what: 'package.json, by its place',
    code: esm(
      `import { readFileSync } from 'fs';`,
      `JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version`,
    ),
    files: { 'package.json': '{"version":"9"}' },
    expected: '9',
  },
  {
    what: 'its own module, for a thread',
    code: esm(
      `import { Worker, isMainThread, parentPort } from 'node:worker_threads';
       import { once } from 'node:events'; import { fileURLToPath } from 'node:url';
       if (!isMainThread) parentPort.postMessage('self');
       const run = async () => (await once(new Worker(fileURLToPath(import.meta.url)), 'message'))[0];`,
      'await run()',
    ),
    expected: 'self',
  },
];

const given: readonly Shape[] = [
  {
    what: 'an argument',
    code: esm(`import { open } from 'opener';`, `open('assets/logo.txt')`),
    expected: 'logo',
  },
  {
    what: 'an argument of a constructor',
    code: esm(`import { Opener } from 'opener';`, `new Opener('data/a.txt').text`),
    expected: 'a',
  },
  {
    what: 'a directory in an option',
    code: esm(`import { config } from 'opener';`, `config({ migrationsFolder: './data' })`),
    expected: 'a.txt,b.txt,deep',
  },
  {
    what: 'a directory of one word in an option for paths',
    code: esm(`import { config } from 'opener';`, `config({ views: 'data' })`),
    expected: 'a.txt,b.txt,deep',
  },
  {
    what: 'a list of directories in an option for paths',
    code: esm(
      `import { list } from 'loads-paths';`,
      `list({ loadPaths: ['data/deep', 'assets'] })`,
    ),
    files: {
      'node_modules/loads-paths/package.json': '{"name":"loads-paths","main":"index.js"}',
      'node_modules/loads-paths/index.js': `exports.list = ({ loadPaths }) => loadPaths.flatMap((one) => require('fs').readdirSync(one)).join();`,
    },
    expected: 'c.txt,logo.txt',
  },
  {
    what: 'an attachment',
    code: esm(
      `import { nested } from 'opener';`,
      `nested({ attachments: [{ filename: 'x.txt', path: 'data/a.txt' }] })`,
    ),
    expected: 'a',
  },
  {
    what: 'a directory for a name',
    code: esm(
      `import { find } from 'opener'; import path from 'path';`,
      `find('a.txt', { root: path.join(process.cwd(), 'data') })`,
    ),
    expected: 'a',
  },
  {
    what: 'a module for a new process',
    code: esm(
      `import { fork } from 'node:child_process'; import { once } from 'node:events';
       const run = async () => (await once(fork('lib/child.cjs'), 'message'))[0];`,
      'await run()',
    ),
    files: {
      'lib/child.cjs': `process.send(require('./word.cjs'));`,
      'lib/word.cjs': `module.exports = 'forked';`,
    },
    expected: 'forked',
  },
  {
    what: 'a module for a thread',
    code: esm(
      `import { Worker } from 'node:worker_threads'; import { once } from 'node:events';
       const run = async () => (await once(new Worker('./lib/thread.mjs'), 'message'))[0];`,
      'await run()',
    ),
    files: {
      'lib/thread.mjs': `import { parentPort } from 'node:worker_threads'; import word from './word.cjs'; parentPort.postMessage(word);`,
      'lib/word.cjs': `module.exports = 'threaded';`,
    },
    expected: 'threaded',
  },
  {
    what: 'a module for a command',
    code: esm(
      `import { execFileSync } from 'node:child_process';`,
      `execFileSync(process.execPath, ['lib/child.mjs'])`,
    ),
    files: {
      'lib/child.mjs': `import { word } from './word.mjs'; process.stdout.write(word);`,
      'lib/word.mjs': `export const word = 'spawned';`,
    },
    expected: 'spawned',
  },
  {
    what: 'a pattern with placeholders',
    code: esm(
      `import fs from 'fs'; const options = { loadPath: 'locales/{{lng}}/{{ns}}.json' };
       const load = (lng, ns) => fs.readFileSync(options.loadPath.replace('{{lng}}', lng).replace('{{ns}}', ns), 'utf8');`,
      `load('en', 'main')`,
    ),
    files: { 'locales/en/main.json': '"hello"', 'locales/de/main.json': '"hallo"' },
    expected: '"hello"',
  },
];

const further: readonly Shape[] = [
  {
    what: 'a file in a pattern that also means directories',
    code: esm(`import fs from 'fs';`, `fs.globSync('data/**/*.txt').toSorted().join()`),
    expected: 'data/a.txt,data/b.txt,data/deep/c.txt',
  },
  {
    what: 'a path through modules that are imported later',
    code: `export default async () => {
      const { readFile } = await import('node:fs/promises');
      const path = (await import('node:path')).default;
      return new Response(await readFile(path.join('data', 'a.txt'), 'utf8'));
    };`,
    expected: 'a',
  },
  {
    what: 'a path through the global object, and the separator of paths',
    code: esm(
      `import fs from 'fs'; import path from 'path';`,
      `fs.readFileSync(globalThis.process.cwd() + '/' + ['data', 'a.txt'].join(path.sep), 'utf8')`,
    ),
    expected: 'a',
  },
  {
    what: 'a path of the remaining arguments of a helper function',
    code: esm(
      `import fs from 'fs'; import path from 'path';
       const at = (...names) => path.join(process.cwd(), ...names);`,
      `fs.readFileSync(at('data', 'deep', 'c.txt'), 'utf8')`,
    ),
    expected: 'c',
  },
  {
    what: 'a path in the options of a helper function',
    code: esm(
      `import fs from 'fs'; import path from 'path';
       function load({ dir, name }) { const file = path.join(dir, name); return fs.readFileSync(file, 'utf8'); }`,
      `load({ dir: 'data', name: 'a.txt' })`,
    ),
    expected: 'a',
  },
  {
    what: 'a module that a require in the working directory loads',
    code: esm(
      `import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');`,
      `require('./lib/word.json').word`,
    ),
    files: { 'lib/word.json': '{"word":"required"}' },
    expected: 'required',
  },
  {
    what: "a file by the package's own imports",
    code: esm(
      `import fs from 'fs'; import { fileURLToPath } from 'url'; import { dir } from '#lib/dir.mjs';`,
      `fs.readFileSync(fileURLToPath(import.meta.resolve('#data/a.txt')), 'utf8') + fs.readdirSync(dir)`,
    ),
    files: {
      'package.json':
        '{"imports":{"#data/*":"./data/*","#lib/*":{"types":"./x/*","default":"./lib/*"}}}',
      'lib/dir.mjs': `export const dir = 'assets';`,
    },
    expected: 'alogo.txt',
  },
  {
    what: 'paths in data that it imports and that it reads',
    code: esm(
      `import fs from 'fs'; import list from '../lib/list.json' with { type: 'json' };
       const read = JSON.parse(fs.readFileSync('lib/read.json', 'utf8'));`,
      `[...list, ...read].map(({ file }) => fs.readFileSync(file, 'utf8')).join()`,
    ),
    files: {
      'lib/list.json': '[{"file":"data/a.txt"}]',
      'lib/read.json': '[{"file":"./data/b.txt"}]',
    },
    expected: 'a,b',
  },
  {
    what: 'the module beside it that an option names as the target',
    code: esm(
      `import { transport } from 'transports';`,
      `(await transport({ target: '../lib/target.mjs', options: { level: 'info' } })).default`,
    ),
    files: {
      'lib/target.mjs': `import { word } from './word.mjs'; export default word;`,
      'lib/word.mjs': `export const word = 'logged';`,
      'node_modules/transports/package.json': '{"name":"transports","main":"index.js"}',
      'node_modules/transports/index.js': `const path = require('path'); exports.transport = ({ target }) => import(path.isAbsolute(target) ? target : path.join(__dirname, '../../functions', target));`,
    },
    expected: 'logged',
  },
  {
    what: 'directories of one word, in a list that a package gets',
    code: esm(
      `import { FileSystemLoader } from 'loads-views';`,
      `new FileSystemLoader(['assets', 'data']).names`,
    ),
    files: {
      'node_modules/loads-views/package.json': '{"name":"loads-views","main":"index.js"}',
      'node_modules/loads-views/index.js': `exports.FileSystemLoader = class { constructor(list) { this.names = list.flatMap((one) => require('fs').readdirSync(one)).join(); } };`,
    },
    expected: 'logo.txt,a.txt,b.txt,deep',
  },
];

test.each([...reading, ...given, ...further])('a function finds $what', async (shape) => {
  const entry = shape.entry ?? 'functions/f.mjs';
  await using rig = await BundleRig.create({
    ...texts,
    ...opener,
    ...shape.files,
    [entry]: shape.code,
  });
  const bundle = bundleOf(await rig.bundle(entry));
  expect(bundle.warnings).toEqual([]);
  expect(await rig.call(bundle)).toBe(shape.expected);
  const paths = pathsOf(bundle);
  expect(paths.filter((file) => /unrelated|pem$|^\.env$/.test(file))).toEqual([]);
});

describe('no file comes along for', () => {
  test.each([
    [`route('data')`, 'a word that is handed over'],
    [`({ data: 1, kind: 'assets' }).kind`, 'a key and a word of an option'],
    [`'data/a.txt' === process.title`, 'a comparison'],
    [`'data/a.txt'.includes('data/a.txt')`, 'a search in a text'],
    [`route('private/key.pem')`, 'a private key that is handed over'],
    [`route('./.env')`, 'an environment file that is handed over'],
    [`route('./')`, 'the project itself'],
    [`route('src/util')`, 'a directory with code of the function'],
    [`route('package.json')`, 'a file that describes the project'],
    [`route('https://x.test/data/a.txt')`, 'a URL'],
    [`route({ path: 'data' }).path`, 'a route of one word'],
    [`route({ directory: 'lib', root: 'tools' }).root`, 'a word that is also the name of sources'],
    [`route(['src/**', '!data/**', 'tools/*.mjs'])`, 'patterns of sources'],
    [`({ exists: route }).exists('data')`, 'a word for a method that is not of Node'],
  ])('%s: %s', async (expression) => {
    await using rig = await BundleRig.create({
      ...texts,
      'package.json': '{}',
      'src/util/route.mjs': 'export const route = (value) => value;',
      'lib/code.mjs': 'export const code = 1;',
      'tools/code.mjs': 'export const code = 1;',
      'functions/f.mjs': esm(`import { route } from '../src/util/route.mjs';`, expression),
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toEqual(['bgfn-adapter.mjs', 'f.mjs']);
    expect(bundle.warnings).toEqual([]);
  });
});

describe('a package finds by itself', () => {
  const finder = {
    'node_modules/finder/package.json': '{"name":"finder","version":"1.0.0","main":"index.js"}',
    'node_modules/finder/index.js': dedent`
      const fs = require('fs');
      const path = require('path');
      const { resolve } = path;
      const dir = path.join(process.cwd(), 'config');
      exports.config = () => ({ ...require(path.join(dir, 'default.js')), ...JSON.parse(fs.readFileSync(dir + '/local.json', 'utf8')) });
      exports.view = (name) => fs.readFileSync(path.join(resolve('views'), name), 'utf8');
      exports.source = () => fs.readdirSync(path.join(process.cwd(), 'src'));
    `,
  };

  test('its configuration and its views, and no directory of code', async () => {
    await using rig = await BundleRig.create({
      ...texts,
      ...finder,
      'config/default.js': `module.exports = { a: require('./base.json').a };`,
      'config/base.json': '{"a":"a"}',
      'config/local.json': '{"b":"b"}',
      'config/key.pem': '-----BEGIN PRIVATE KEY-----',
      'views/page.txt': 'page',
      'functions/f.mjs': dedent`
        import { config, view } from 'finder';
        const { a, b } = config();
        ${answer(`a + b + view('page.txt')`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(await rig.call(bundle)).toBe('abpage');
    expect(pathsOf(bundle).filter((file) => /^(?:src|private)|pem$/.test(file))).toEqual([]);
  });
});
