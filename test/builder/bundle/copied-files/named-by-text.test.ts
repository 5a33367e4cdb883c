import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

test.each<
  [what: string, named: string, files: Record<string, string>, expected: readonly string[]]
>([
  [
    'EJS',
    'views/page.ejs',
    {
      'views/page.ejs': `<%- include('header') %><%- include('parts/row.ejs', { a: 1 }) %>`,
      'views/header.ejs': 'h',
      'views/parts/row.ejs': `<%- include("cell") %>`,
      'views/parts/cell.ejs': 'c',
    },
    ['views/header.ejs', 'views/parts/cell.ejs', 'views/parts/row.ejs'],
  ],
  [
    'Pug',
    'views/page.pug',
    {
      'views/page.pug':
        'extends ./layouts/base\nblock content\n  include card.pug\n  include /mixins/list',
      'views/layouts/base.pug': 'html\n  include ../head',
      'views/head.pug': 'head',
      'views/card.pug': 'p',
      'views/mixins/list.pug': 'ul',
    },
    ['views/card.pug', 'views/head.pug', 'views/layouts/base.pug', 'views/mixins/list.pug'],
  ],
  [
    'Handlebars and Mustache',
    'mails/page.hbs',
    {
      'mails/page.hbs': '{{> card}} {{#> parts/frame}}x{{/parts/frame}}',
      'mails/card.hbs': '',
      'mails/parts/frame.hbs': '',
    },
    ['mails/card.hbs', 'mails/parts/frame.hbs'],
  ],
  [
    'Nunjucks and Liquid',
    'mails/a/page.njk',
    {
      'mails/a/page.njk': `{% extends "base.njk" %}{% include 'part.njk' %}{% import "forms.html" as forms %}`,
      'mails/a/base.njk': `{% from "macros/all.njk" import x %}`,
      'mails/a/part.njk': '',
      'mails/a/forms.html': '',
      'mails/a/macros/all.njk': '',
    },
    ['mails/a/base.njk', 'mails/a/forms.html', 'mails/a/macros/all.njk', 'mails/a/part.njk'],
  ],
  [
    'protocol buffers',
    'protos/api.proto',
    {
      'protos/api.proto':
        'import "common/money.proto";\nimport public "google/protobuf/any.proto";',
      'protos/common/money.proto': 'import "common/units.proto";',
      'protos/common/units.proto': '',
      'protos/other.proto': '',
    },
    ['protos/common/money.proto', 'protos/common/units.proto'],
  ],
  [
    'references of schemas',
    'schemas/order.json',
    {
      'schemas/order.json':
        '{"$id":"order","properties":{"a":{"$ref":"address.json#/x"},"m":{"$ref":"./money.json"}},"title":"order"}',
      'schemas/address.json': '{}',
      'schemas/money.json': '{}',
      'schemas/title.json': '{}',
    },
    ['schemas/address.json', 'schemas/money.json'],
  ],
  [
    'an API description in YAML',
    'api/openapi.yml',
    {
      'api/openapi.yml':
        'paths:\n  /a:\n    $ref: ./paths/a.yml\n  /b: { $ref: "paths/b.yml#/get" }',
      'api/paths/a.yml': '',
      'api/paths/b.yml': '',
    },
    ['api/paths/a.yml', 'api/paths/b.yml'],
  ],
  [
    'style sheets',
    'styles/main.scss',
    {
      'styles/main.scss': `@use 'colors';\n@import "base/reset.css";\nbody { background: url(bg.png) }`,
      'styles/_colors.scss': '',
      'styles/base/reset.css': '',
      'styles/bg.png': '',
    },
    ['styles/_colors.scss', 'styles/base/reset.css', 'styles/bg.png'],
  ],
  [
    'GraphQL',
    'api/schema.graphql',
    {
      'api/schema.graphql': '#import "./user.graphql"\ntype Query { a: Int }',
      'api/user.graphql': '',
    },
    ['api/user.graphql'],
  ],
])('the files that a copied file names come along: %s', async (_what, named, files, expected) => {
  await using rig = await BundleRig.create({
    ...files,
    'views/unrelated.txt': '',
    'key.pem': '',
    'functions/f.mjs': dedent`
      import { readFileSync } from 'node:fs';
      const text = readFileSync('${named}', 'utf8');
      ${answer('text.length')}
    `,
  });
  const paths = pathsOf(bundleOf(await rig.bundle('functions/f.mjs')));
  const copied = paths.filter((file) => file.includes('/') && file !== named);
  expect(copied).toEqual(expected);
});
