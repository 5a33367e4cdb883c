import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../../../src/runtime/platform/clock.ts';
import { startRuntimeApi } from '../../../../src/runtime/worker/runtime-api/runtime-api.ts';
import { lambdaRie, startRie } from '../../../targets/support/lambda-rie.ts';
import { runtimeApiSuite, timeoutMs } from './suite/runtime-api.suite.ts';

describe("bgfn's Runtime API", () => {
  runtimeApiSuite(async () => {
    const outcomes: PromiseWithResolvers<string>[] = [];
    const told = (text: string): void => outcomes.shift()?.resolve(text);
    let invocations = 0;
    const api = await startRuntimeApi(
      { ...systemClock, after: () => () => undefined },
      {
        onReady: () => undefined,
        onTaken: () => undefined,
        onResponse: (body) => told(Buffer.from(body).toString()),
        onStream: ({ body }) => void new Response(body).text().then(told),
        onStreamEnd: () => Promise.resolve(),
        onAskedAgain: () => undefined,
        onFailure: ({ type, message }) =>
          told(JSON.stringify({ errorType: type, errorMessage: message })),
        onInitFailure: ({ type, message }) =>
          told(JSON.stringify({ errorType: type, errorMessage: message })),
      },
    );
    return {
      address: api.address,
      offer: async (event) => {
        const outcome = Promise.withResolvers<string>();
        outcomes.push(outcome);
        invocations += 1;
        api.offer({
          requestId: `invocation-${invocations}`,
          payload: Buffer.from(event),
          timeoutMs,
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
        });
        return { told: outcome.promise };
      },
      [Symbol.asyncDispose]: async () => api.close(),
    };
  });
});

describe.skipIf(lambdaRie === undefined)(
  "Amazon's emulator, aws-lambda-rie (skipped without BGFN_LAMBDA_RIE)",
  () => {
    let directory = '';
    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'bgfn-rie-'));
      // The suite plays the runtime client. The emulator needs a program that it can start and end.
      await writeFile(
        path.join(directory, 'bootstrap'),
        '#!/bin/sh\necho started\nexec sleep 600\n',
        { mode: 0o755 },
      );
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    runtimeApiSuite(async () => {
      const rie = await startRie({
        command: [path.join(directory, 'bootstrap')],
        timeoutSeconds: timeoutMs / 1000,
      });
      return {
        address: rie.runtimeApi,
        offer: async (event) => {
          const told = rie.invoke(event);
          told.catch(() => undefined);
          // The first invocation starts the function.
          await rie.printed(/^started$/m);
          return { told };
        },
        [Symbol.asyncDispose]: () => rie[Symbol.asyncDispose](),
      };
    });
  },
);
