import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';
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
