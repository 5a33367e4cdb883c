import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** A package whose errors have the names of their classes, with an ES module in front of it. */
function errorsPackage(base: string): Readonly<Record<string, string>> {
  return {
    'node_modules/db/package.json':
      '{"name":"db","version":"1.0.0","exports":{"import":"./index.mjs","require":"./index.js"}}',
    'node_modules/db/index.mjs': `import db from './index.js';\nexport const { NotFound, Gone } = db;`,
    'node_modules/db/index.js': `exports.NotFound = require('./not-found').NotFound; exports.Gone = require('./gone').Gone;`,
    'node_modules/db/not-found.js': `const { Base } = require('./base'); class NotFound extends Base {}\nexports.NotFound = NotFound;`,
    'node_modules/db/gone.js': `const { Base } = require('./base'); class Gone extends Base {}\nexports.Gone = Gone;`,
    'node_modules/db/base.js': base,
  };
}

test.each([
  'class Base extends Error { constructor() { super(); this.name = this.constructor.name; } }',
  'class Base extends Error { constructor() { super(); this.name = new.target.name; } }',
  'class Base extends Error { get name() { return this.constructor.name; } }',
])('the errors of a package have the names of their classes: %s', async (base) => {
  await using rig = await BundleRig.create({
    ...errorsPackage(`${base}\nexports.Base = Base;`),
    'functions/f.mjs': dedent`
      import { Gone, NotFound } from 'db';
      ${answer('[new NotFound().name, new Gone().name].join()')}
    `,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('NotFound,Gone');
});
