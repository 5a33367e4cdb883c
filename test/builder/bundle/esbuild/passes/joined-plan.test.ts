import { expect, test } from 'vitest';
import {
  isAffectedByOthers,
  joinPlans,
  type JoinedPlan,
} from '../../../../../src/builder/bundle/esbuild/passes/joined-plan.ts';

function plan(parts: Partial<JoinedPlan>): JoinedPlan {
  const none = new Map<string, never>();
  return { externals: none, inPlace: none, rewritten: none, modules: none, ...parts };
}

const one = plan({ externals: new Map([['/lib/x.js\0sharp', 'sharp']]) });
const two = plan({ rewritten: new Map([['/two.js', 'text']]) });

test('plans are joined unless they say different things about one import or file', () => {
  expect(joinPlans([one, two])).toStrictEqual({ ...one, rewritten: two.rewritten });
  const other = plan({ externals: new Map([['/lib/x.js\0sharp', 'sharp@2.0.0']]) });
  expect(joinPlans([one, other])).toBeUndefined();
});

test('a function is affected by the plan of another one if it reads a file that the plan is about', () => {
  const joined = { ...one, rewritten: two.rewritten };
  expect(isAffectedByOthers(one, joined, new Set(['/lib/x.js']))).toBe(false);
  expect(isAffectedByOthers(one, joined, new Set(['/lib/x.js', '/two.js']))).toBe(true);
  expect(isAffectedByOthers(two, joined, new Set(['/lib/x.js', '/two.js']))).toBe(true);
  const inPlace = { ...one, inPlace: new Map([['/lib/x.js\0sharp', 'now' as const]]) };
  expect(isAffectedByOthers(one, inPlace, new Set(['/lib/x.js']))).toBe(true);
});
