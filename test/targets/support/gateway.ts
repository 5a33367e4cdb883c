import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TemplateInput, Velocity } from './velocity.ts';

/**
 * An OpenAPI document with API Gateway's extensions, as CloudFormation passes it on, with all
 * references resolved.
 */
export interface GatewayDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly 'x-amazon-apigateway-binary-media-types': readonly string[];
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>
  >;
  readonly 'x-amazon-apigateway-integration': Integration;
}

/**
 * An integration that invokes a function through a mapping template. A proxy integration has no
 * optional fields.
 */
interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly passthroughBehavior?: string;
  readonly contentHandling?: string;
  readonly requestParameters?: Readonly<Record<string, string>>;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly responses?: {
    readonly default: {
      readonly statusCode: string;
      readonly responseTemplates: Readonly<Record<string, string>>;
      readonly responseParameters: Readonly<Record<string, string>>;
    };
  };
}

export interface GatewayOptions {
  readonly document: GatewayDocument;
  readonly stage: string;
  readonly velocity: Velocity;
  /** Address of Lambda's own API. */
  readonly lambda: string;
}

/** A running simulation of API Gateway at `<url>/<stage>/<path>`. */
export interface Gateway extends AsyncDisposable {
  readonly url: string;
  /** The payloads that functions were invoked with. */
  readonly payloads: readonly string[];
}

/**
 * Starts the part of API Gateway that no emulator has. The integration's template turns a request
 * into the payload of an Invoke call, the integration defines the headers of that call, and the
 * response of the call becomes the response to the request. Every rule is read from the deployed
 * API; there is no other behaviour.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const payloads: string[] = [];
  const server = createServer((request, response) => {
    handle(request, response, options, payloads).catch((error: unknown) =>
      response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    payloads,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { document, stage, velocity, lambda }: GatewayOptions,
  payloads: string[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '', 'http://gateway');
  const resourcePath = url.pathname.slice(`/${stage}`.length);
  const operations = document.paths[resourcePath];
  const operation =
    operations?.[(request.method ?? '').toLowerCase()] ??
    operations?.['x-amazon-apigateway-any-method'];
  const integration = operation?.['x-amazon-apigateway-integration'];
  if (operation === undefined || integration?.type !== 'aws') {
    response.writeHead(403).end('{"message":"Missing Authentication Token"}');
    return;
  }
  const mediaType = (request.headers['content-type'] ?? 'application/json').split(';', 1)[0] ?? '';
  const template = integration.requestTemplates?.[mediaType];
  if (template === undefined) {
    // "never": a body whose type has no template is refused.
    response
      .writeHead(integration.passthroughBehavior === 'never' ? 415 : 500)
      .end('{"message":"Unsupported Media Type"}');
    return;
  }
  const requestId = randomUUID();
  const binary =
    document['x-amazon-apigateway-binary-media-types'].includes('*/*') &&
    integration.contentHandling === 'CONVERT_TO_TEXT';
  const input: TemplateInput = {
    headers: lastOfEach(
      request.rawHeaders.flatMap((word, at, all) =>
        at % 2 === 0 ? [[word, all[at + 1] ?? '']] : [],
      ),
    ),
    query: lastOfEach([...url.searchParams]),
    pathParameters: {},
    body: Buffer.concat(chunks).toString(binary ? 'base64' : 'utf8'),
    context: {
      resourcePath,
      path: url.pathname,
      stage,
      httpMethod: request.method ?? '',
      requestId,
      'identity.sourceIp': '203.0.113.9',
    },
  };
  const payload = await velocity.render(template, input);
  payloads.push(payload);
  const functionArn = /functions\/(.+)\/invocations$/.exec(integration.uri)?.[1] ?? '';
  const invoked = await fetch(
    `${lambda}/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
    { method: 'POST', headers: integrationHeaders(integration), body: payload },
  );
  const answer = integration.responses?.default;
  if (answer === undefined) throw new Error('There is no default response.');
  const declared = operation.responses[answer.statusCode]?.headers ?? {};
  const headers = Object.entries(answer.responseParameters).flatMap(([to, from]) => {
    const name = to.replace('method.response.header.', '');
    const value = invoked.headers.get(from.replace('integration.response.header.', ''));
    // API Gateway sends the headers that the method declares.
    return name in declared && value !== null ? [[name, value]] : [];
  });
  const body = await velocity.render(answer.responseTemplates['application/json'] ?? '', {
    ...input,
    body: await invoked.text(),
  });
  response
    .writeHead(
      invoked.ok ? Number(answer.statusCode) : 500,
      Object.fromEntries(headers) as Record<string, string>,
    )
    .end(body);
}

/**
 * Resolves references like CloudFormation: mappings, parameters, and the ARNs of functions from
 * their names.
 */
export function resolveIntrinsics(
  value: unknown,
  template: { readonly Mappings: Record<string, Record<string, Record<string, unknown>>> },
  names: Readonly<Record<string, string>>,
): unknown {
  const arn = (id: string): string =>
    `arn:aws:lambda:us-east-1:000000000000:function:${names[id] ?? ''}`;
  const resolve = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(resolve);
    if (typeof one !== 'object' || one === null) return one;
    const {
      'Fn::FindInMap': lookup,
      'Fn::Sub': text,
      'Fn::GetAtt': attribute,
      Ref: ref,
    } = one as {
      'Fn::FindInMap'?: [string, string, string];
      'Fn::Sub'?: string;
      'Fn::GetAtt'?: [string, string];
      Ref?: string;
    };
    if (lookup !== undefined) return template.Mappings[lookup[0]]?.[lookup[1]]?.[lookup[2]];
    if (text !== undefined) {
      return text
        .replaceAll(/\$\{(\w+)\.Arn\}/g, (_, id: string) => arn(id))
        .replaceAll('${AWS::Partition}', 'aws')
        .replaceAll('${AWS::Region}', 'us-east-1');
    }
    if (attribute !== undefined) return arn(attribute[0]);
    if (ref !== undefined) return names[ref];
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve(value);
}

/** The last value of each name: mapping templates see only the last of repeated values. */
function lastOfEach(pairs: readonly (readonly string[])[]): Record<string, string> {
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** `integration.request.header.X: 'value'`; the quotes mark a literal value. */
function integrationHeaders({ requestParameters = {} }: Integration): Record<string, string> {
  return Object.fromEntries(
    Object.entries(requestParameters).map(([name, value]) => [
      name.replace('integration.request.header.', ''),
      value.replaceAll(/^'|'$/g, ''),
    ]),
  );
}
