import { describe, expect, test } from 'vitest';
import {
  changesFor,
  type RemoteFunction,
  toBase64,
} from '../../../src/targets/aws/lambda-changes.ts';
import { planLambda } from '../../../src/targets/aws/lambda-plan.ts';
import { backgroundFunction, manifestOf } from '../support/manifests.ts';

const [fn] = planLambda(manifestOf(backgroundFunction('hello-background'))).functions;
if (fn === undefined) throw new Error('the plan has one function');

const settings = { namePrefix: '', roleArn: 'arn:aws:iam::1:role/r' };
const same: RemoteFunction = {
  codeSha256: toBase64('a'.repeat(64)),
  runtime: 'nodejs24.x',
  handler: 'hello-background.handler',
  timeoutSeconds: 900,
  memoryMb: 1024,
  architecture: 'x86_64',
  roleArn: settings.roleArn,
  deadLetterArn: undefined,
  asynchronous: { maxRetries: 2, maxEventAgeSeconds: 21_600 },
};

describe('changes on AWS', () => {
  test('are empty when digest and settings agree', () => {
    expect(changesFor(fn, same, settings)).toEqual([]);
  });

  test('a new function is created, then its asynchronous invocation is configured', () => {
    expect(changesFor(fn, undefined, settings).map((change) => change.kind)).toEqual([
      'create',
      'put-event-invoke-config',
    ]);
  });

  test('another digest uploads the zip and nothing else', () => {
    expect(changesFor(fn, { ...same, codeSha256: 'old=' }, settings)).toEqual([
      {
        kind: 'update-code',
        differences: [{ what: 'code', from: 'old=', to: toBase64('a'.repeat(64)) }],
      },
    ]);
  });

  test('another timeout is written without uploading the zip', () => {
    expect(changesFor(fn, { ...same, timeoutSeconds: 3 }, settings)).toEqual([
      {
        kind: 'update-configuration',
        differences: [{ what: 'timeout', from: '3 s', to: '900 s' }],
      },
    ]);
  });

  test('an existing role is kept when no role is given', () => {
    expect(changesFor(fn, { ...same, roleArn: 'arn:other' }, { namePrefix: '' })).toEqual([]);
  });

  test('retries that were changed by hand are reset', () => {
    expect(
      changesFor(
        fn,
        { ...same, asynchronous: { maxRetries: 0, maxEventAgeSeconds: 21_600 } },
        settings,
      ),
    ).toEqual([
      { kind: 'put-event-invoke-config', differences: [{ what: 'retries', from: '0', to: '2' }] },
    ]);
  });
});
