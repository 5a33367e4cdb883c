import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../../support/bundle-rig.ts';
import { answer } from '../../support/sources.ts';

const site = {
  'tsconfig.json':
    '{"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":true}}',
  'node_modules/orm/package.json': '{"name":"orm","main":"index.js"}',
  'node_modules/orm/index.js':
    'exports.Column = require("./Column").Column; exports.Id = require("./Id").Id;' +
    'exports.Entity = exports.Inject = exports.Body = exports.Get = require("./all").all;',
  'node_modules/orm/Column.js':
    'exports.Column = () => (target, key) => globalThis.Reflect.getMetadata?.("design:type", target, key);',
  'node_modules/orm/Id.js': 'exports.Id = () => () => {};',
  'node_modules/orm/all.js': 'exports.all = () => () => {};',
  'node_modules/validator/package.json': '{"name":"validator","main":"index.js"}',
  'node_modules/validator/index.js': 'exports.IsEmail = () => () => {};',
};
const imports =
  `import { Body, Column, Entity, Get, Id, Inject } from 'orm';\n` +
  `import { IsEmail } from 'validator';\n`;

async function codesFor(code: string): Promise<readonly string[]> {
  await using rig = await BundleRig.create({
    ...site,
    'functions/f.ts': `${imports}${code}\n${answer('String(A)')}`,
  });
  return bundleOf(await rig.bundle('functions/f.ts')).warnings.map(({ code: one }) => one);
}

test.each([
  '@Entity() class A { @Column() name!: string; }',
  '@Entity() class A { @Column({ nullable: true }) name!: string; }',
  '@Entity() class A { constructor(readonly other: Date) {} }',
  '@Entity() class A { @Get() run(@Body() body: Date) { return body; } }',
])('a decorator that learns a type from metadata is reported: %s', async (code) => {
  expect(await codesFor(code)).toEqual(['DECORATOR_METADATA']);
});

test.each([
  `@Entity() class A { @Id() id!: number; @Column('text') name!: string; }`,
  `@Entity() class A { @Column({ type: 'int' }) age!: number; @Column(() => A) other!: unknown; }`,
  '@Entity() class A { constructor(@Inject(Date) readonly other: Date) {} }',
  '@Entity() class A { @Get() run() { return 1; } }',
  'class A { @IsEmail() mail!: string; }',
  'class A { /** @Column() {@link Date} */ mail = "a @b"; }',
])('a decorator that needs no metadata is not reported: %s', async (code) => {
  expect(await codesFor(code)).toEqual([]);
});
