import { describe, expect, test } from 'vitest';
import { toGatewayPath } from '../../../src/targets/aws/gateway-path.ts';
import { planLambda } from '../../../src/targets/aws/lambda-plan.ts';
import {
  backgroundFunction,
  manifestFunction,
  manifestOf,
  mixedManifest,
} from '../support/manifests.ts';

describe('planning a deployment', () => {
  test('a background function keeps its 900 s, two retries and its own endpoint', () => {
    const { functions, routes, warnings } = planLambda(mixedManifest);
    expect(functions[0]).toMatchObject({
      identifier: 'HelloBackground',
      timeoutSeconds: 900,
      maxRetries: 2,
      maxEventAgeSeconds: 21_600,
      architecture: 'x86_64',
    });
    expect(routes.map(({ path, methods, function: fn }) => [path, methods, fn.name])).toEqual([
      ['/.netlify/functions/hello-background', [], 'hello-background'],
      ['/api/orders/{segment3}', ['GET', 'PUT'], 'orders'],
      ['/.netlify/functions/nightly-background', [], 'nightly-background'],
    ]);
    expect(warnings).toEqual([]);
  });

  test('names that differ only in punctuation or case get identifiers of their own', () => {
    const { functions } = planLambda(
      manifestOf(manifestFunction('a-b'), manifestFunction('a_b'), manifestFunction('ab')),
    );
    expect(functions.map((fn) => fn.identifier.toLowerCase())).toEqual(['ab', 'ab2', 'ab3']);
  });

  test('fewer attempts are deployed as fewer retries', () => {
    const { functions } = planLambda(
      manifestOf(
        backgroundFunction('once-background', {
          retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 60 },
        }),
      ),
    );
    expect(functions[0]).toMatchObject({ maxRetries: 0, maxEventAgeSeconds: 60 });
  });

  test.each([
    [
      'RETRY_NOT_PORTABLE',
      { retry: { maxAttempts: 5, delaysSeconds: [60, 120], maxEventAgeSeconds: 600 } },
    ],
    [
      'RETRY_NOT_PORTABLE',
      { retry: { maxAttempts: 3, delaysSeconds: [1, 2], maxEventAgeSeconds: 600 } },
    ],
    ['EXCLUDED_PATH_NOT_PORTABLE', { excludedRoutes: [{ pattern: '/x', literal: '/x' }] }],
    ['DESTINATION_NOT_PORTABLE', { destinations: { onFailure: 'https://example.com/failed' } }],
    [
      'ROUTE_NOT_PORTABLE',
      { routes: [{ pattern: '/files/:name.txt', expression: 'x', methods: [] }] },
    ],
  ])('%s is a warning that names the function, and the rest is deployed', (code, extra) => {
    const { functions, warnings } = planLambda(
      manifestOf(backgroundFunction('work-background', extra)),
    );
    expect(functions).toHaveLength(1);
    expect(warnings).toEqual([
      expect.objectContaining({ code, severity: 'warning', functionName: 'work-background' }),
    ]);
  });

  test('a name that is too long for AWS is cut, and stays distinct from similar names', () => {
    const name = `send-the-monthly-report-to-every-customer-of-${'the-'.repeat(3)}shop`;
    const { functions, warnings } = planLambda(
      manifestOf(manifestFunction(`${name}-one`), manifestFunction(`${name}-two`)),
    );
    const names = functions.map(({ awsName }) => awsName);
    expect(new Set(names).size).toBe(2);
    for (const awsName of names) {
      expect(awsName).toMatch(/^send-the-monthly-report-to-ever-[0-9a-f]{8}$/);
    }
    expect(warnings.map(({ code }) => code)).toEqual(['NAME_SHORTENED', 'NAME_SHORTENED']);
  });

  test('an empty manifest is refused', () => {
    expect(() => planLambda(manifestOf())).toThrow('The manifest has no functions.');
  });
});

describe('a URLPattern path for API Gateway', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/orders/:id', '/orders/{segment2}'],
    ['/files/*', '/files/{proxy+}'],
    ['/files/:rest*', '/files/{proxy+}'],
    ['/files/:rest+', '/files/{proxy+}'],
    ['/.netlify/functions/x', '/.netlify/functions/x'],
  ])('%s is %s', (pattern, path) => {
    expect(toGatewayPath(pattern)).toBe(path);
  });

  test.each(['/a/:id?', '/a/:id(\\d+)', '/a/*/b', '/a/{b}?', '/:name.txt'])(
    '%s cannot be converted',
    (pattern) => {
      expect(toGatewayPath(pattern)).toBeUndefined();
    },
  );
});
