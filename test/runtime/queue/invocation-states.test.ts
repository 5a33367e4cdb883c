import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  cancellableStates,
  endedStates,
  invocationStates,
} from '../../../src/runtime/queue/invocation.ts';
import { queueFormat } from '../../../src/runtime/queue/sqlite/format.ts';

const namesIn = (list: string | undefined): readonly string[] =>
  Array.from(list?.matchAll(/'(\w+)'/g) ?? [], ([, name]) => name ?? '');

test('every state can be cancelled or has ended', () => {
  expect([...cancellableStates, ...endedStates].toSorted()).toEqual(invocationStates.toSorted());
});

test('the table of invocations allows exactly the states of the list', () => {
  const check = /state IN \(([^)]*)\)/.exec(queueFormat.migrations[0] ?? '');
  expect(namesIn(check?.[1])).toEqual(invocationStates);
});

test('the admin page, which imports nothing from the runtime, has the states of the list', async () => {
  const page = path.join(import.meta.dirname, '../../../src/runtime/admin/page/api.js');
  const list = /export const states = \[([^\]]*)\]/.exec(await readFile(page, 'utf8'));
  expect(namesIn(list?.[1])).toEqual(invocationStates);
});
