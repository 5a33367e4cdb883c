import type { LambdaContext } from '../../../src/adapter/index.ts';

/** The events that each kind of caller sends for `POST /shop/42?tag=a&tag=b%20c` with two cookies. */
export const netlifyEvent = {
  path: '/shop/42',
  httpMethod: 'POST',
  queryStringParameters: { tag: 'a, b c' },
  multiValueQueryStringParameters: { tag: ['a', 'b c'] },
  headers: {
    host: 'site.example',
    'content-type': 'text/plain',
    accept: 'a/b, c/d',
    cookie: 'one=1; two=2',
  },
  multiValueHeaders: {
    host: ['site.example'],
    'content-type': ['text/plain'],
    accept: ['a/b', 'c/d'],
    cookie: ['one=1; two=2'],
  },
  body: 'hello',
  isBase64Encoded: false,
  rawUrl: 'https://site.example/shop/42?tag=a&tag=b%20c',
  rawQuery: 'tag=a&tag=b%20c',
};

export const gatewayV1Event = {
  resource: '/{proxy+}',
  path: '/shop/42',
  httpMethod: 'POST',
  queryStringParameters: { tag: 'b c' },
  multiValueQueryStringParameters: { tag: ['a', 'b c'] },
  headers: {
    Host: 'site.example',
    'Content-Type': 'text/plain',
    Accept: 'c/d',
    Cookie: 'one=1; two=2',
    'X-Forwarded-Proto': 'https',
  },
  multiValueHeaders: {
    Host: ['site.example'],
    'Content-Type': ['text/plain'],
    Accept: ['a/b', 'c/d'],
    Cookie: ['one=1; two=2'],
    'X-Forwarded-Proto': ['https'],
  },
  requestContext: { stage: 'prod', resourcePath: '/{proxy+}' },
  body: 'hello',
  isBase64Encoded: false,
};

export const gatewayV2Event = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/prod/shop/42',
  rawQueryString: 'tag=a&tag=b%20c',
  cookies: ['one=1', 'two=2'],
  headers: {
    host: 'site.example',
    'content-type': 'text/plain',
    accept: 'a/b,c/d',
    'x-forwarded-proto': 'https',
  },
  requestContext: {
    domainName: 'site.example',
    stage: 'prod',
    http: { method: 'POST', path: '/prod/shop/42' },
  },
  body: 'aGVsbG8=',
  isBase64Encoded: true,
};

export const functionUrlEvent = {
  ...gatewayV2Event,
  rawPath: '/shop/42',
  requestContext: {
    domainName: 'site.example',
    stage: '$default',
    http: { method: 'POST', path: '/shop/42' },
  },
};

export const albSingleEvent = {
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:::targetgroup/x' } },
  httpMethod: 'POST',
  path: '/shop/42',
  queryStringParameters: { tag: 'b%20c' },
  headers: {
    host: 'site.example',
    'content-type': 'text/plain',
    accept: 'c/d',
    cookie: 'one=1; two=2',
    'x-forwarded-proto': 'https',
  },
  body: 'hello',
  isBase64Encoded: false,
};

export const albMultiEvent = {
  requestContext: albSingleEvent.requestContext,
  httpMethod: 'POST',
  path: '/shop/42',
  multiValueQueryStringParameters: { tag: ['a', 'b%20c'] },
  multiValueHeaders: {
    host: ['site.example'],
    'content-type': ['text/plain'],
    accept: ['a/b', 'c/d'],
    cookie: ['one=1; two=2'],
    'x-forwarded-proto': ['https'],
  },
  body: 'hello',
  isBase64Encoded: false,
};

export const lambdaContext: LambdaContext = {
  awsRequestId: 'aws-1',
  getRemainingTimeInMillis: () => 60_000,
};

/** Returns the Netlify event of a POST with this JSON. */
export function postJson(body: unknown, headers: Record<string, string> = {}): object {
  return {
    httpMethod: 'POST',
    path: '/',
    rawUrl: 'https://site.example/',
    headers,
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
