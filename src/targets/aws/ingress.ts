import type { PlannedFunction, PlannedRoute } from './lambda-plan.ts';

/** References to other resources, in a template language. */
export interface IngressReferences {
  /**
   * The invocation URI of a function: `arn:…:lambda:path/2015-03-31/functions/<function
   * arn>/invocations`.
   */
  readonly invocationUri: (fn: PlannedFunction) => unknown;
  /** The role that API Gateway assumes to invoke functions. */
  readonly invokeRoleArn: unknown;
  readonly title: unknown;
  /**
   * A reference to the text of `eventTemplate()`. The text is long and every background function
   * uses it several times, so it is written once.
   */
  readonly eventTemplate: (body: BodyForm) => unknown;
}

/**
 * How an event holds the request's body. `base64` keeps every byte; programs without our adapter
 * expect `text`.
 */
export type BodyForm = 'base64' | 'text';

/**
 * API Gateway has no wildcard for content types: these lists cover the types that callers post to
 * functions.
 */
const binaryContentTypes = [
  'application/octet-stream',
  'application/pdf',
  'image/jpeg',
  'image/png',
  'multipart/form-data',
];
const textContentTypes = [
  'application/json',
  'application/cloudevents+json',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/plain',
  'text/csv',
  'text/html',
  'text/xml',
];

/**
 * The HTTP API as an OpenAPI document with API Gateway's extensions. A background function is
 * invoked with `X-Amz-Invocation-Type: Event`, so Lambda queues the event and API Gateway answers
 * 202 with an empty body at once. A request for a sync function is proxied.
 */
export function ingressDocument(
  routes: readonly PlannedRoute[],
  references: IngressReferences,
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    const methods =
      route.methods.length === 0
        ? ['x-amazon-apigateway-any-method']
        : route.methods.map((method) => method.toLowerCase());
    for (const method of methods) operations[method] = operation(route, references);
  }
  return {
    openapi: '3.0.1',
    info: { title: references.title, version: '1' },
    paths,
    'x-amazon-apigateway-binary-media-types': ['*/*'],
  };
}

function operation(route: PlannedRoute, references: IngressReferences): Record<string, unknown> {
  const integration = route.function.background
    ? asynchronousIntegration(route, references)
    : proxyIntegration(route.function, references);
  const parameters = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: route.function.background
      ? {
          '202': {
            description: 'Accepted',
            headers: { 'x-nf-request-id': { schema: { type: 'string' } } },
          },
        }
      : { default: { description: 'What the function answers' } },
    'x-amazon-apigateway-integration': integration,
  };
}

function proxyIntegration(
  fn: PlannedFunction,
  references: IngressReferences,
): Record<string, unknown> {
  return {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri: references.invocationUri(fn),
    credentials: references.invokeRoleArn,
  };
}

function asynchronousIntegration(
  route: PlannedRoute,
  references: IngressReferences,
): Record<string, unknown> {
  return {
    type: 'aws',
    httpMethod: 'POST',
    uri: references.invocationUri(route.function),
    credentials: references.invokeRoleArn,
    requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
    passthroughBehavior: 'never',
    // Every media type counts as binary (`binary-media-types` above), so the template gets the body in
    // base64, whatever the body contains.
    contentHandling: 'CONVERT_TO_TEXT',
    requestTemplates: Object.fromEntries([
      ...textContentTypes.map((type) => [
        type,
        references.eventTemplate(hasAdapter(route.function) ? 'base64' : 'text'),
      ]),
      ...binaryContentTypes.map((type) => [type, references.eventTemplate('base64')]),
    ]),
    responses: {
      default: {
        statusCode: '202',
        // A template without output: the body of the response is empty.
        responseTemplates: { 'application/json': '#set($nothing = "")' },
        responseParameters: {
          'method.response.header.x-nf-request-id': 'integration.response.header.x-amzn-RequestId',
        },
      },
    },
  };
}

/** Whether our adapter reads the event; Go programs parse events themselves. */
function hasAdapter(fn: PlannedFunction): boolean {
  return fn.runtime.startsWith('nodejs');
}

/**
 * The mapping template (Velocity) that writes an API Gateway proxy event. Names of headers are in
 * lower case, as in the events of Netlify and of bgfn's runtime. A body in base64 cannot break the
 * JSON around it. A body as text is decoded and escaped, and loses bytes that are not UTF-8.
 */
export function eventTemplate(body: BodyForm): string {
  return [
    '{',
    '"resource": "$context.resourcePath",',
    `"path": ${escaped('$context.path.replaceFirst("^/$context.stage/", "/")')},`,
    '"httpMethod": "$context.httpMethod",',
    `"headers": ${mapOf('$input.params().header', '$key.toLowerCase()')},`,
    `"queryStringParameters": ${mapOf('$input.params().querystring')},`,
    `"pathParameters": ${mapOf('$input.params().path')},`,
    '"requestContext": {"requestId": "$context.requestId", "stage": "$context.stage", "httpMethod": "$context.httpMethod", "identity": {"sourceIp": "$context.identity.sourceIp"}},',
    ...(body === 'text'
      ? [`"body": ${escaped('$util.base64Decode($input.body)')},`, '"isBase64Encoded": false']
      : ['"body": "$input.body",', '"isBase64Encoded": true']),
    '}',
  ].join('\n');
}

/** A JSON object of all entries of one of the request's maps, such as its headers. */
function mapOf(source: string, name = '$key'): string {
  return `{#foreach($key in ${source}.keySet())${escaped(name)}: ${escaped(`${source}.get($key)`)}#if($foreach.hasNext),#end#end}`;
}

/**
 * A JSON string of a value. API Gateway's function escapes for JavaScript, which also escapes the
 * single quote; JSON does not allow that escape.
 */
function escaped(value: string): string {
  return `"$util.escapeJavaScript(${value}).replaceAll("\\\\'", "'")"`;
}
