import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** A CommonJS module that is also a program. */
const program = dedent`
  exports.role = 'module';
  if (!module.parent) exports.role = 'program';
  if (require.main === module) exports.role = 'program';
  exports.counts = module.children.length + module.paths.length >= 0;
`;

describe('a required module is not the main program', () => {
  test("in the function's own code", async () => {
    await using rig = await BundleRig.create({
      'lib/tool.js': program,
      'functions/f.js': dedent`
        const tool = require('../lib/tool');
        if (!module.parent) throw new Error('The function is a program.');
        exports.handler = async () => ({ statusCode: 200, body: tool.role + tool.counts });
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.js'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('moduletrue');
  });

  test('in a package', async () => {
    await using rig = await BundleRig.create({
      'node_modules/tool/package.json': '{"name":"tool","version":"1.0.0","main":"index.js"}',
      'node_modules/tool/index.js': program,
      'node_modules/user/package.json': '{"name":"user","version":"1.0.0","main":"index.js"}',
      'node_modules/user/index.js': `exports.tool = require('tool');`,
      'functions/f.mjs': `import { tool } from 'user';\n${answer('tool.role')}`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('module');
  });
});

describe('a module finds files by the place that `module` has', () => {
  test("in the function's own code", async () => {
    await using rig = await BundleRig.create({
      'lib/data.txt': 'near',
      'lib/other.js': `exports.other = 'other';`,
      'lib/tool.js': dedent`
        const fs = require('fs');
        const path = require('path');
        exports.names = [path.basename(module.filename), path.basename(module.path)].join();
        exports.text = fs.readFileSync(path.join(path.dirname(module.id), 'data.txt'), 'utf8');
        exports.other = module.require('./other').other;
        exports.made = typeof module.constructor;
      `,
      'functions/f.js': dedent`
        const { names, text, other, made } = require('../lib/tool');
        exports.handler = async () => ({ statusCode: 200, body: names + text + other + made });
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.js', { includedFiles: ['lib/*.txt'] }));
    expect(await rig.call(bundle)).toBe('tool.js,libnearotherfunction');
  });

  test('in a package', async () => {
    await using rig = await BundleRig.create({
      'node_modules/tool/package.json': '{"name":"tool","version":"1.0.0","main":"index.js"}',
      'node_modules/tool/data.txt': 'near',
      'node_modules/tool/index.js': dedent`
        const { dirname } = require('path');
        exports.text = require('fs').readFileSync(dirname(module.filename) + '/data.txt', 'utf8');
      `,
      'functions/f.mjs': `import { text } from 'tool';\n${answer('text')}`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('near');
  });

  test('but a variable of that name is not the module', async () => {
    await using rig = await BundleRig.create({
      'node_modules/tool/package.json': '{"name":"tool","version":"1.0.0","main":"index.js"}',
      'node_modules/tool/index.js': dedent`
        exports.paths = [{ path: 'a' }].map((one) => { const module = one; return module.path; });
      `,
      'functions/f.mjs': `import { paths } from 'tool';\n${answer('paths.join()')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => file.includes('node_modules'))).toEqual([]);
    expect(await rig.call(bundle)).toBe('a');
  });
});
