import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { buffer as readBytes, text as readText } from 'node:stream/consumers';
import { z } from 'zod';

export interface FunctionUpload {
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  /** Digest of the bytes that arrived. */
  readonly sha256: string;
  readonly size: number;
}

const announcementSchema = z.object({
  files: z.record(z.string(), z.string()).default({}),
  functions: z.record(z.string(), z.string()),
  function_schedules: z.array(z.object({ name: z.string(), cron: z.string() })).optional(),
  functions_config: z.record(z.string(), z.unknown()).optional(),
});

const site = {
  id: 'site-1',
  site_id: 'site-1',
  name: 'lumen',
  account_slug: 'team',
  account_id: 'account-1',
  url: 'http://lumen.test',
  ssl_url: 'https://lumen.test',
  admin_url: 'http://admin.test',
  capabilities: {},
  build_settings: {},
  published_deploy: null,
};
const account = { id: 'account-1', slug: 'team', name: 'Team', default: true };

/**
 * The part of Netlify's API that `netlify deploy` calls. It requests every announced file and
 * function, and keeps the uploads.
 */
export class NetlifyApi implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly uploads: FunctionUpload[] = [];
  announced: z.infer<typeof announcementSchema> | undefined;
  readonly #server: HttpServer;

  private constructor(server: HttpServer) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.#answer(request).then(
        (body) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  }

  static async start(): Promise<NetlifyApi> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NetlifyApi(server);
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') {
      throw new Error('the mock API does not listen');
    }
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? '/', this.origin);
    const call = `${request.method} ${url.pathname.replace(/^\/api\/v1/, '')}`;
    this.requests.push(call);
    const [, upload] = /^PUT \/deploys\/deploy-1\/functions\/([^/]+)$/.exec(call) ?? [];
    if (upload !== undefined) {
      return this.#takeFunction(decodeURIComponent(upload), url, await readBytes(request));
    }
    const body = await readText(request);
    switch (call) {
      case 'GET /sites':
        return [site];
      case 'GET /sites/site-1':
      case 'PUT /sites/site-1':
        return site;
      case 'GET /user':
        return { id: 'user-1', email: 'ada@example.com', full_name: 'Ada' };
      case 'GET /accounts':
        return [account];
      case 'PUT /sites/site-1/deploys/deploy-1':
        return this.#announce(announcementSchema.parse(JSON.parse(body)));
      case 'POST /sites/site-1/deploys':
      case 'GET /sites/site-1/deploys/deploy-1':
        return this.#deploy('ready');
      default:
        return call.startsWith('GET /accounts/') ? [] : {};
    }
  }

  #announce(announcement: z.infer<typeof announcementSchema>): unknown {
    this.announced = announcement;
    return {
      ...this.#deploy('uploading'),
      required: [],
      required_functions: [...new Set(Object.values(announcement.functions))],
    };
  }

  #takeFunction(name: string, url: URL, bytes: Buffer): unknown {
    this.uploads.push({
      name,
      query: Object.fromEntries(url.searchParams),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    });
    return { id: name, sha: this.announced?.functions[name] };
  }

  #deploy(state: string): Record<string, unknown> {
    return {
      id: 'deploy-1',
      site_id: site.id,
      state,
      url: site.url,
      deploy_url: site.url,
      ssl_url: site.ssl_url,
      deploy_ssl_url: site.ssl_url,
      admin_url: site.admin_url,
      name: site.name,
      required: [],
      required_functions: [],
    };
  }
}
