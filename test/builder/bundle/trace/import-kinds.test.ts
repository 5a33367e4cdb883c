import { expect, test } from 'vitest';
import { kindsOfImport } from '../../../../src/builder/bundle/trace/import-kinds.ts';

test.each([
  [`import a from 'a';`, ['import']],
  [`import 'a';`, ['import']],
  [`export * from "a";`, ['import']],
  [`await import('a');`, ['import']],
  [`const b = require('a');`, ['require']],
  [`const b = ownRequire( "a" );`, ['require']],
  [`import a from 'a'; const b = require('a');`, ['import', 'require']],
  [`const name = 'a'; require(name);`, ['require']],
])('%s asks in the ways %j', (source, kinds) => {
  expect(kindsOfImport(source, 'a')).toEqual(kinds);
});
