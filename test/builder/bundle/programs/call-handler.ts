/**
 * Calls the handler of an artifact once and prints the body of its response.
 *
 * `node call-handler.ts <entry of the artifact>`
 */
import { pathToFileURL } from 'node:url';

type Handler = (event: object, context: object) => Promise<{ readonly body: string }>;

const event = {
  path: '/',
  rawUrl: 'http://x/',
  rawQuery: '',
  httpMethod: 'GET',
  headers: {},
  multiValueHeaders: {},
  queryStringParameters: {},
  multiValueQueryStringParameters: {},
  body: null,
  isBase64Encoded: false,
};
const context = { awsRequestId: '1', functionName: 'f', getRemainingTimeInMillis: () => 1000 };

const [entry = ''] = process.argv.slice(2);
const { handler }: { readonly handler: Handler } = await import(pathToFileURL(entry).href);
const answer = await handler(event, context);
process.stdout.write(answer.body);
process.exit(0);
