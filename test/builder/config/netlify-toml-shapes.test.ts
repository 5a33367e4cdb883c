import { expect, test } from 'vitest';
import { TemporarySite } from '../discover/support/temporary-site.ts';

/** Whole files of the kinds that sites have: title → text. */
const shapes: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a comment only': '# nothing to set yet\n',
  'a static site': `[build]
  command = "npm run build"
  publish = "dist"
`,
  'functions in [build], as in old guides': `[build]
  base    = "./"
  publish = "public/"
  command = "hugo --gc --minify"
  functions = "netlify/functions"
`,
  'empty values': `[build]
  base = ""
  publish = ""
  command = ""
  functions = ""
`,
  'versions of tools in the environment': `[build.environment]
  NODE_VERSION = "20"
  NPM_FLAGS = "--legacy-peer-deps"
  HUGO_VERSION = "0.128.0"
  GO_VERSION = "1.22"
  CI = ""
  DEBUG = true
  WORKERS = 4
`,
  'deploy contexts with commands': `[context.production]
  command = "make production"
  publish = "out"
[context.deploy-preview]
  command = "make preview"
[context.branch-deploy.environment]
  STAGE = "branch"
[context.dev.environment]
  STAGE = "dev"
[context."release/2.x"]
  command = "make release"
`,
  'contexts as inline tables and strings': `[context]
  production = { command = "a", environment = { A = "1" } }
  staging = "unused"
`,
  'plugins with inputs': `[[plugins]]
  package = "@netlify/plugin-nextjs"
[[plugins]]
  package = "./plugins/report"
  [plugins.inputs]
    thresholds = { performance = 0.9 }
    paths = ["/", "/about"]
[[context.production.plugins]]
  package = "netlify-plugin-cache"
`,
  'redirects of every kind': `[[redirects]]
  from = "/api/*"
  to = "/.netlify/functions/:splat"
  status = 200
  force = true
[[redirects]]
  from = "/*"
  to = "/index.html"
  status = 200
  conditions = { Country = ["de", "at"], Language = ["de"], Role = ["admin"] }
  query = { id = ":id" }
  headers = { X-From = "Netlify" }
  signed = "API_SECRET"
`,
  headers: `[[headers]]
  for = "/*"
  [headers.values]
    X-Frame-Options = "DENY"
    Content-Security-Policy = '''
    default-src 'self';
    img-src *'''
    Link = ["</a.css>; rel=preload", "</b.js>; rel=preload"]
`,
  'the dev server': `[dev]
  command = "vite"
  port = 8888
  targetPort = 5173
  framework = "#custom"
  autoLaunch = false
  functions = "netlify/functions"
  [dev.https]
    certFile = "cert.pem"
    keyFile = "key.pem"
`,
  'edge functions': `[[edge_functions]]
  path = "/admin/*"
  function = "auth"
  excludedPath = "/admin/assets/*"
[[edge_functions]]
  function = "geo"
  path = ["/", "/de"]
  cache = "manual"
[functions]
  deno_import_map = "./import_map.json"
`,
  images: `[images]
  remote_images = ["https://images\\\\.example\\\\.com/.*"]
`,
  'a template for the deploy button': `[template]
  incoming-hooks = ["Contentful"]
[template.environment]
  API_KEY = "change me for the service"
`,
  'post-processing and forms': `[build.processing]
  skip_processing = false
[build.processing.css]
  bundle = true
  minify = true
[build.processing.html]
  pretty_urls = true
[forms]
  detection = true
`,
  'functions with old bundler settings': `[functions]
  directory = "netlify/functions/"
  node_bundler = "esbuild"
  external_node_modules = ["sharp", "@prisma/client"]
  included_files = ["data/**/*.json", "!data/private/**"]
`,
  'functions for all by a star': `[functions."*"]
  external_node_modules = []
  included_files = [""]
[functions."mail-*"]
  included_files = ["templates/*.html"]
[functions.cleanup]
  schedule = "@daily"
`,
  'functions with dotted keys and inline tables': `functions.directory = "netlify/functions"
functions.report.timeout = 26
functions."sync-*" = { background = true, retry = { max_attempts = 2 } }
`,
  'a monorepo with ignore rules': `[build]
  base = "apps/web"
  command = "cd ../.. && npx turbo run build --filter=web"
  publish = "apps/web/.next"
  ignore = "git diff --quiet $CACHED_COMMIT_REF $COMMIT_REF ../../packages ."
  edge_functions = "netlify/edge-functions"
[build.environment]
  NETLIFY_USE_PNPM = "true"
[build.services]
  identity = "something"
`,
  'Windows line ends and a byte order mark': `\uFEFF[build]\r\n  publish = "dist"\r\n\r\n[[redirects]]\r\n  from = "/a"\r\n  to = "/b"\r\n`,
  'dates, numbers and arrays of other tools': `[custom]
  released = 2024-05-01
  at = 2024-05-01T10:00:00Z
  ratio = 1e-3
  mixed = ["a", 1, { b = true }]
[[integrations]]
  name = "x"
  [integrations.dev]
    path = "y"
[[database.migrations]]
  directory = "db"
`,
};

test.each(Object.entries(shapes))(
  'a netlify.toml with %s loads without a warning',
  async (_, text) => {
    await using site = await TemporarySite.create({
      'netlify.toml': text,
      'apps/web/netlify/functions/a.mts': 'export default () => {};',
      'netlify/functions/a.mts': 'export default () => {};',
    });
    const { warnings } = await site.config();
    expect(warnings).toEqual([]);
    const { specs, diagnostics } = await site.discover();
    expect(specs.map(({ name }) => name)).toEqual(['a']);
    expect(diagnostics).toEqual([]);
  },
);

test('the settings of functions in whole files hold', async () => {
  await using site = await TemporarySite.create({
    'netlify.toml': shapes['functions with dotted keys and inline tables'] ?? '',
    'netlify/functions/report.mts': 'export default () => {};',
    'netlify/functions/sync-users.mts': 'export default () => {};',
  });
  const { specs } = await site.discover();
  expect(specs).toMatchObject([
    { name: 'report', timeoutSeconds: 26 },
    { name: 'sync-users', mode: 'background', retry: { maxAttempts: 2 } },
  ]);
});

test.each([
  ['[context.production.functions]\nnode_bundler = "esbuild"\n', 'production'],
  ['[context.deploy-preview.functions."*"]\ntimeout = 9\n', 'deploy-preview'],
  ['[context]\ndev = { functions = { directory = "x" } }\n', 'dev'],
])(
  'functions settings of one context are told, and do not stop the build: %j',
  async (text, name) => {
    await using site = await TemporarySite.create({ 'netlify.toml': text });
    expect((await site.config()).warnings).toMatchObject([
      { code: 'CONFIG_CONTEXT_IGNORED', message: expect.stringContaining(`context.${name}`) },
    ]);
  },
);
