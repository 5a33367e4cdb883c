import { expect, test } from 'vitest';
import { createProject } from '../support/project.ts';
import { readLedger } from './support/ledger.ts';

test('the ledger of the torture test detects overlapping runs, attempts that ran twice, and interrupted runs', async () => {
  await using project = await createProject({
    ledger: [
      'begin a r1 1 1',
      'begin a r2 2 1',
      'on a r1 1 1',
      'end a r2 2 1',
      'begin b r3 1 2',
      'begin b r4 1 2',
      'end b r4 1 2',
      'begin c r5 1 3',
      'on c r5 1 3',
      'begin c r6 2 3',
      'end c r6 2 3',
      'begin d r7 1 4',
    ].join('\n'),
  });
  const ledger = await readLedger(project.path('ledger'));
  expect(ledger).toMatchObject({
    runs: 7,
    finished: 3,
    twiceAtOnce: ['a'],
    attemptsRepeated: ['b'],
  });
  expect([...ledger.done]).toEqual(['a', 'b', 'c']);
});
