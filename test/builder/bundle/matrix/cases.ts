/** What makes a package hard to ship. */
export type PackageKind =
  | 'pure'
  | 'esm-only'
  | 'cjs-only'
  | 'native'
  | 'wasm'
  | 'data-files'
  | 'named-modules'
  | 'child-binary'
  | 'worker-thread'
  | 'order-of-imports'
  | 'way-of-loading'
  | 'way-of-configuring'
  | 'way-of-including'
  | 'meaning-of-code'
  | 'way-of-naming-files';

/**
 * A function that really uses a package, and returns a result to show or throws. Its source is
 * `fixtures/bundle/matrix/functions/<name>.mts`.
 */
export interface MatrixCase {
  readonly name: string;
  readonly kind: PackageKind;
  /** Packages that have to be installed, though the source does not name them. */
  readonly needs?: readonly string[];
}

/**
 * The packages are installed by `fixtures/bundle/matrix/package.json`; nothing in
 * `src/builder/bundle/` knows any of them by name.
 */
export const matrixCases: readonly MatrixCase[] = [
  // Pure JavaScript, in both module systems or either.
  { name: 'zod', kind: 'pure' },
  { name: 'nodemailer', kind: 'cjs-only' },
  { name: 'cheerio', kind: 'pure' },
  { name: 'openai', kind: 'pure' },
  { name: 'anthropic-sdk', kind: 'pure' },
  { name: 'stripe', kind: 'pure' },
  { name: 'aws-s3', kind: 'pure' },
  { name: 'aws-dynamodb', kind: 'pure' },
  { name: 'axios', kind: 'pure' },
  { name: 'lodash', kind: 'cjs-only' },
  { name: 'date-fns', kind: 'pure' },
  { name: 'dayjs', kind: 'cjs-only' },
  { name: 'luxon', kind: 'pure' },
  { name: 'rxjs', kind: 'pure' },
  { name: 'ajv', kind: 'cjs-only' },
  { name: 'joi', kind: 'cjs-only' },
  { name: 'jsonwebtoken', kind: 'cjs-only' },
  { name: 'jose', kind: 'esm-only' },
  { name: 'uuid', kind: 'esm-only' },
  { name: 'nanoid', kind: 'esm-only' },
  { name: 'got', kind: 'esm-only' },
  { name: 'ky', kind: 'esm-only' },
  { name: 'chalk', kind: 'esm-only' },
  { name: 'p-queue', kind: 'esm-only' },
  { name: 'execa', kind: 'esm-only' },
  { name: 'unified', kind: 'esm-only' },
  { name: 'marked', kind: 'esm-only' },
  { name: 'markdown-it', kind: 'pure' },
  { name: 'hono', kind: 'pure' },
  { name: 'express', kind: 'cjs-only' },
  { name: 'fastify', kind: 'cjs-only' },
  { name: 'koa', kind: 'cjs-only' },
  { name: 'mongodb', kind: 'cjs-only' },
  { name: 'mongoose', kind: 'cjs-only' },
  { name: 'ioredis', kind: 'cjs-only' },
  { name: 'redis', kind: 'cjs-only' },
  { name: 'graphql', kind: 'pure' },
  { name: 'graphql-yoga', kind: 'pure' },
  { name: 'apollo-server', kind: 'cjs-only' },
  { name: 'csv-parse', kind: 'pure' },
  { name: 'exceljs', kind: 'cjs-only' },
  { name: 'xlsx', kind: 'pure' },
  { name: 'jszip', kind: 'cjs-only' },
  { name: 'archiver', kind: 'pure' },
  { name: 'fast-xml-parser', kind: 'pure' },
  { name: 'yaml', kind: 'pure' },
  { name: 'handlebars', kind: 'cjs-only' },
  { name: 'mustache', kind: 'pure' },
  { name: 'ejs', kind: 'pure' },
  { name: 'pug', kind: 'cjs-only' },
  { name: 'react-dom', kind: 'cjs-only' },
  { name: 'vue', kind: 'pure' },
  { name: 'preact', kind: 'pure' },
  { name: 'winston', kind: 'cjs-only' },
  { name: 'octokit', kind: 'esm-only' },
  { name: 'slack-web-api', kind: 'cjs-only' },
  { name: 'twilio', kind: 'cjs-only' },
  { name: 'sendgrid', kind: 'cjs-only' },
  { name: 'supabase', kind: 'pure' },
  { name: 'firebase-admin', kind: 'cjs-only' },
  { name: 'drizzle-orm', kind: 'pure' },
  { name: 'kysely', kind: 'pure' },
  { name: 'ethers', kind: 'pure' },
  { name: 'viem', kind: 'pure' },
  { name: 'ws', kind: 'cjs-only' },
  { name: 'undici', kind: 'cjs-only' },
  { name: 'pg', kind: 'cjs-only' },
  { name: 'mysql2', kind: 'cjs-only' },
  { name: 'svgo', kind: 'pure' },
  { name: 'terser', kind: 'pure' },
  { name: 'postcss', kind: 'cjs-only' },
  { name: 'sass', kind: 'pure' },
  { name: 'less', kind: 'cjs-only' },
  // Native addons.
  { name: 'sharp', kind: 'native' },
  { name: 'better-sqlite3', kind: 'native' },
  { name: 'argon2', kind: 'native' },
  { name: 'bcrypt', kind: 'native' },
  { name: 'napi-canvas', kind: 'native' },
  { name: 'resvg', kind: 'native' },
  { name: 'swc', kind: 'native' },
  { name: 'lightningcss', kind: 'native' },
  { name: 'oxc-parser', kind: 'native' },
  { name: 'bufferutil', kind: 'native' },
  { name: 'node-rs-bcrypt', kind: 'native' },
  { name: 'libsql', kind: 'native' },
  { name: 'msgpackr', kind: 'native' },
  { name: 'lmdb', kind: 'native' },
  { name: 'ssh2', kind: 'native' },
  // WebAssembly beside the code.
  { name: 'tiktoken', kind: 'wasm' },
  { name: 'sql.js', kind: 'wasm' },
  { name: 'esbuild-wasm', kind: 'wasm' },
  { name: 'hash-wasm', kind: 'wasm' },
  { name: 'pglite', kind: 'wasm' },
  { name: 'web-tree-sitter', kind: 'wasm' },
  { name: 'satori-yoga', kind: 'wasm' },
  { name: 'shiki', kind: 'wasm' },
  { name: 'jsquash-png', kind: 'wasm' },
  // Packages that read their own files.
  { name: 'pdfkit', kind: 'data-files' },
  { name: 'geoip-lite', kind: 'data-files' },
  { name: 'swagger-ui-dist', kind: 'data-files' },
  { name: 'jsdom', kind: 'data-files' },
  { name: 'typescript', kind: 'data-files' },
  { name: 'google-protos', kind: 'data-files' },
  { name: 'mime-db', kind: 'data-files' },
  { name: 'i18next-fs-backend', kind: 'data-files' },
  { name: 'pdf-parse', kind: 'data-files' },
  { name: 'pdf-lib', kind: 'pure' },
  { name: 'playwright-core', kind: 'data-files' },
  { name: 'puppeteer-core', kind: 'data-files' },
  { name: 'prettier', kind: 'data-files' },
  { name: 'eslint', kind: 'data-files' },
  { name: 'mjml', kind: 'data-files' },
  { name: 'email-templates-juice', kind: 'data-files' },
  { name: 'fontkit', kind: 'data-files' },
  { name: 'faker', kind: 'pure' },
  { name: 'moment-timezone', kind: 'data-files' },
  { name: 'natural-stopwords', kind: 'pure' },
  { name: 'iconv-lite', kind: 'cjs-only' },
  { name: 'opentelemetry', kind: 'cjs-only' },
  { name: 'sentry-node', kind: 'cjs-only' },
  { name: 'grpc-js', kind: 'cjs-only' },
  { name: 'google-storage', kind: 'cjs-only' },
  { name: 'googleapis-sheets', kind: 'cjs-only' },
  // Modules named at run time.
  { name: 'knex-pg', kind: 'named-modules' },
  { name: 'knex-sqlite', kind: 'named-modules' },
  { name: 'sequelize', kind: 'named-modules', needs: ['pg', 'pg-hstore'] },
  { name: 'typeorm', kind: 'named-modules' },
  { name: 'express-views', kind: 'named-modules' },
  { name: 'consolidate', kind: 'named-modules' },
  { name: 'babel-core', kind: 'named-modules' },
  { name: 'cosmiconfig', kind: 'named-modules' },
  { name: 'pino', kind: 'pure' },
  // Worker threads and processes.
  { name: 'pino-transport', kind: 'worker-thread' },
  { name: 'piscina', kind: 'worker-thread' },
  { name: 'workerpool', kind: 'worker-thread' },
  { name: 'tesseract', kind: 'worker-thread' },
  { name: 'synckit', kind: 'worker-thread' },
  { name: 'esbuild', kind: 'child-binary' },
  { name: 'ffmpeg-static', kind: 'child-binary' },
  { name: 'ffprobe-installer', kind: 'child-binary' },
  { name: 'sass-embedded', kind: 'child-binary' },
  { name: 'vscode-ripgrep', kind: 'child-binary' },
  // When packages are evaluated.
  { name: 'order-environment-first', kind: 'order-of-imports' },
  { name: 'order-worker-environment', kind: 'order-of-imports', needs: ['playwright-core'] },
  {
    name: 'order-barrel',
    kind: 'order-of-imports',
    needs: ['sharp', 'lightningcss', 'zod'],
  },
  { name: 'order-loaded-later', kind: 'order-of-imports', needs: ['sharp'] },
  { name: 'order-circular', kind: 'order-of-imports', needs: ['better-sqlite3'] },
  { name: 'order-both-ways', kind: 'order-of-imports' },
  // How packages are asked for.
  { name: 'missing-optional', kind: 'way-of-loading' },
  { name: 'conditions-required', kind: 'way-of-loading', needs: ['preact', 'dayjs'] },
  // What packages load and read that no bundler sees.
  { name: 'externals-locale-by-name', kind: 'way-of-loading' },
  { name: 'externals-own-declarations', kind: 'data-files' },
  { name: 'externals-whole-export', kind: 'way-of-loading' },
  { name: 'externals-published-files', kind: 'data-files' },
  { name: 'externals-files-of-a-package', kind: 'data-files' },
  { name: 'externals-computed-relative-path', kind: 'way-of-loading' },
  { name: 'development-server', kind: 'way-of-loading', needs: ['esbuild', 'lightningcss'] },
  { name: 'development-early-return', kind: 'way-of-loading' },
  { name: 'subpath-without-extension', kind: 'way-of-loading' },
  { name: 'names-of-commonjs', kind: 'way-of-loading' },
  // Settings as people write them.
  { name: 'settings-old-bundler', kind: 'way-of-configuring' },
  { name: 'settings-old-native', kind: 'way-of-configuring' },
  { name: 'settings-all-as-files', kind: 'way-of-configuring' },
  { name: 'settings-names-in-string', kind: 'way-of-configuring' },
  { name: 'settings-included-string', kind: 'way-of-configuring' },
  { name: 'settings-over-limits', kind: 'way-of-configuring' },
  // Files that the function's author names.
  { name: 'including-executable', kind: 'way-of-including' },
  { name: 'including-executable-module', kind: 'way-of-including' },
  { name: 'including-executable-link', kind: 'way-of-including' },
  { name: 'including-brackets', kind: 'way-of-including' },
  { name: 'including-backslashes', kind: 'way-of-including' },
  { name: 'including-loop', kind: 'way-of-including' },
  { name: 'including-without-traced', kind: 'way-of-including' },
  { name: 'including-text', kind: 'way-of-including' },
  // Paths with computed pieces.
  { name: 'pattern-handlers', kind: 'way-of-loading' },
  { name: 'pattern-js-for-ts', kind: 'way-of-loading' },
  { name: 'pattern-registry', kind: 'way-of-loading' },
  // Code that means something else in a bundle.
  { name: 'meaning-loose', kind: 'meaning-of-code' },
  { name: 'meaning-loose-package', kind: 'meaning-of-code' },
  { name: 'meaning-program', kind: 'meaning-of-code' },
  { name: 'meaning-text', kind: 'meaning-of-code' },
  { name: 'hook-registered', kind: 'meaning-of-code' },
  {
    name: 'hook-instrumentation',
    kind: 'meaning-of-code',
    needs: ['@opentelemetry/instrumentation', '@opentelemetry/instrumentation-pg'],
  },
  // Files that code names by a path.
  { name: 'paths-fs', kind: 'way-of-naming-files' },
  { name: 'paths-template-includes', kind: 'way-of-naming-files' },
  { name: 'paths-proto-imports', kind: 'way-of-naming-files' },
  { name: 'paths-registry', kind: 'way-of-naming-files' },
  { name: 'paths-fork', kind: 'way-of-naming-files', needs: ['lodash'] },
  { name: 'paths-image', kind: 'way-of-naming-files' },
  { name: 'paths-import-meta', kind: 'way-of-naming-files' },
  { name: 'paths-placeholders', kind: 'way-of-naming-files' },
  { name: 'paths-attachment', kind: 'way-of-naming-files' },
];
