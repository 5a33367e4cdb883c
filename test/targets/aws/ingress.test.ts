import { render } from 'velocityjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../../src/adapter/index.ts';
import { eventTemplate, ingressDocument } from '../../../src/targets/aws/ingress.ts';
import { planLambda } from '../../../src/targets/aws/lambda-plan.ts';
import { lambdaContext } from '../../adapter/support/call-events.ts';
import { backgroundFunction, manifestFunction, manifestOf } from '../support/manifests.ts';
import { apacheVelocity, velocityJars, velocityJs, type Velocity } from '../support/velocity.ts';

interface Operation {
  readonly 'x-amazon-apigateway-integration': {
    readonly type: string;
    readonly requestParameters?: Record<string, string>;
    readonly passthroughBehavior?: string;
    readonly requestTemplates?: Record<string, string>;
    readonly responses?: Record<
      string,
      { statusCode: string; responseTemplates: Record<string, string> }
    >;
  };
}

function document(
  ...functions: Parameters<typeof manifestOf>
): Record<string, Record<string, Operation>> {
  const { routes } = planLambda(manifestOf(...functions));
  return ingressDocument(routes, {
    invocationUri: ({ name }) => name,
    invokeRoleArn: 'role',
    title: 'site',
    eventTemplate,
  }).paths as Record<string, Record<string, Operation>>;
}

interface GatewayRequest {
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/**
 * The event that API Gateway makes from a request for Lambda: the body in base64, the mapping
 * template applied to the request.
 */
async function eventFor(
  velocity: Velocity,
  request: GatewayRequest,
  fn = backgroundFunction('work-background'),
): Promise<Record<string, unknown>> {
  const operation =
    document(fn)['/.netlify/functions/work-background']?.['x-amazon-apigateway-any-method'];
  const template =
    operation?.['x-amazon-apigateway-integration'].requestTemplates?.[
      request.headers?.['Content-Type'] ?? 'application/json'
    ] ?? '';
  const text = await velocity.render(template, {
    headers: request.headers ?? {},
    query: request.query ?? {},
    pathParameters: {},
    body: Buffer.from(request.body ?? '').toString('base64'),
    context: {
      resourcePath: '/.netlify/functions/work-background',
      path: request.path,
      stage: 'production',
      httpMethod: 'POST',
      requestId: 'gateway-1',
      'identity.sourceIp': '203.0.113.9',
    },
  });
  return JSON.parse(text) as Record<string, unknown>;
}

const path = '/production/.netlify/functions/work-background';

describe.each([
  ['velocityjs', true, velocityJs],
  [
    'Apache Velocity (skipped without BGFN_VELOCITY_JARS)',
    velocityJars !== undefined,
    apacheVelocity,
  ],
])('the mapping template, under %s', (_name, installed, start) => {
  let velocity: Velocity;
  beforeAll(() => {
    if (installed) velocity = start();
  });
  afterAll(() => velocity?.[Symbol.asyncDispose]());
  beforeEach(({ skip }) => skip(!installed));

  test('makes an API Gateway event', async () => {
    expect(
      await eventFor(velocity, {
        path,
        headers: { 'Content-Type': 'application/json' },
        query: { tag: 'a b' },
        body: '{"n":1}',
      }),
    ).toEqual({
      resource: '/.netlify/functions/work-background',
      path: '/.netlify/functions/work-background',
      httpMethod: 'POST',
      headers: { 'content-type': 'application/json' },
      queryStringParameters: { tag: 'a b' },
      pathParameters: {},
      requestContext: {
        requestId: 'gateway-1',
        stage: 'production',
        httpMethod: 'POST',
        identity: { sourceIp: '203.0.113.9' },
      },
      body: Buffer.from('{"n":1}').toString('base64'),
      isBase64Encoded: true,
    });
  });

  test.each([
    ['quotes', `it's "quoted"`],
    ['a way out of the string', '", "isBase64Encoded": false, "x": "'],
    ['backslashes', String.raw`C:\new\'s \" \\`],
    ['control characters', 'a\tb\u0001\u007F'],
    ['other scripts', 'Grüße 東京 🎉 \u2028'],
    ['Velocity itself', '$context.stage #set($x = 1) #foreach($y in [1..9]) ${util} #end'],
    ['slashes', '</script>//'],
  ])('a header and a parameter with %s arrive as they are', async (_what, value) => {
    const event = await eventFor(velocity, {
      path,
      headers: { 'X-Value': value },
      query: { [value]: value },
    });
    expect(event).toMatchObject({
      headers: { 'x-value': value },
      queryStringParameters: { [value]: value },
      isBase64Encoded: true,
    });
  });

  test.each([
    ['JSON', '{"name":"Ada","quote":"it\'s \\\\ \\"so\\""}'],
    ['a way out of the string', '", "isBase64Encoded": true, "x": "'],
    ['control characters and line ends', 'a\tb\u0001\r\nc'],
    ['other scripts', 'Grüße 東京 🎉 \u2028'],
    [
      'Velocity itself',
      '$context.stage #set($x = 1) #foreach($y in [1..9]) ${util} #end \\$input.body',
    ],
    ['nothing', ''],
  ])('a Go function gets %s as text', async (_what, body) => {
    const go = backgroundFunction('work-background', {
      runtime: 'go',
      runtimeVersion: 'provided.al2023',
      handler: 'bootstrap',
    });
    expect(
      await eventFor(velocity, { path, headers: { 'Content-Type': 'text/plain' }, body }, go),
    ).toMatchObject({ body, isBase64Encoded: false });
    expect(
      await eventFor(
        velocity,
        { path, headers: { 'Content-Type': 'application/octet-stream' }, body },
        go,
      ),
    ).toMatchObject({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true });
  });

  test('only the stage is removed from the path', async () => {
    expect((await eventFor(velocity, { path: '/.netlify/functions/work-background' })).path).toBe(
      '/.netlify/functions/work-background',
    );
    expect((await eventFor(velocity, { path: '/productions/x' })).path).toBe('/productions/x');
    expect((await eventFor(velocity, { path: '/production/a"b' })).path).toBe('/a"b');
  });

  test('the adapter reads the bytes, headers and path of the request from the event', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const seen = Promise.withResolvers<{ request: Request; bytes: Uint8Array }>();
    const userModule = {
      default: async (request: Request) =>
        seen.resolve({ request, bytes: new Uint8Array(await request.arrayBuffer()) }),
    };
    const handler = createHandler(userModule, {
      name: 'work-background',
      background: true,
      routes: [],
    });
    const event = await eventFor(velocity, {
      path,
      headers: {
        Host: 'site.example',
        'X-Forwarded-Proto': 'https',
        'Content-Type': 'application/octet-stream',
        'X-Quote': `"it's"`,
      },
      query: { tag: 'a b&c' },
      body,
    });
    await handler(event, lambdaContext);
    const { request, bytes } = await seen.promise;
    expect([request.method, request.url, request.headers.get('x-quote')]).toEqual([
      'POST',
      'https://site.example/.netlify/functions/work-background?tag=a+b%26c',
      `"it's"`,
    ]);
    expect(bytes).toEqual(body);
  });
});

describe('the HTTP API', () => {
  test('a background call is an asynchronous invocation, and its response is 202 without a body', () => {
    const integration = document(backgroundFunction('work-background'))[
      '/.netlify/functions/work-background'
    ]?.['x-amazon-apigateway-any-method']?.['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({
      type: 'aws',
      requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
    });
    const answer = integration?.responses?.default;
    expect(answer?.statusCode).toBe('202');
    expect(render(answer?.responseTemplates['application/json'] ?? '', {})).toBe('');
  });

  test('a caller cannot write the event itself: a media type without a template is refused', () => {
    const integration = document(backgroundFunction('work-background'))[
      '/.netlify/functions/work-background'
    ]?.['x-amazon-apigateway-any-method']?.['x-amazon-apigateway-integration'];
    expect(integration?.passthroughBehavior).toBe('never');
    expect(Object.keys(integration?.requestTemplates ?? {})).toContain('application/json');
  });

  test('the methods of a route are its operations; a route without methods accepts any', () => {
    const paths = document(
      manifestFunction('orders', {
        routes: [{ pattern: '/api/orders/:id', expression: 'x', methods: ['GET', 'PUT'] }],
      }),
      manifestFunction('order-lines', {
        routes: [{ pattern: '/api/orders/:order/lines', expression: 'x', methods: [] }],
      }),
    );
    expect(Object.entries(paths).map(([at, operations]) => [at, Object.keys(operations)])).toEqual([
      ['/api/orders/{segment3}', ['get', 'put']],
      // API Gateway allows one name for the variable at a position in all paths.
      ['/api/orders/{segment3}/lines', ['x-amazon-apigateway-any-method']],
    ]);
  });
});
