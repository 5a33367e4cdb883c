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
  | 'worker-thread';

/**
 * One function that really uses a package. `body` is an async function's; it returns something to
 * show, or throws.
 */
export interface MatrixCase {
  readonly name: string;
  readonly kind: PackageKind;
  readonly imports: string;
  readonly body: string;
  /** Packages that are neither imported nor named. */
  readonly needs?: readonly string[];
}

/**
 * The packages are installed by fixtures/bundle/matrix/package.json; nothing in src/bundle knows
 * any of them by name.
 */
export const matrixCases: readonly MatrixCase[] = [
  // Pure JavaScript, in both module systems or either.
  {
    name: 'zod',
    kind: 'pure',
    imports: `import { z } from 'zod';`,
    body: `return z.object({ a: z.email() }).parse({ a: 'a@b.co' }).a;`,
  },
  {
    name: 'nodemailer',
    kind: 'cjs-only',
    imports: `import nodemailer from 'nodemailer';`,
    body: `const info = await nodemailer.createTransport({ jsonTransport: true }).sendMail({ from: 'a@b.co', to: 'c@d.co', subject: 's', text: 't' }); return JSON.parse(info.message).subject;`,
  },
  {
    name: 'cheerio',
    kind: 'pure',
    imports: `import { load } from 'cheerio';`,
    body: `return load('<p>hi</p>')('p').text();`,
  },
  {
    name: 'openai',
    kind: 'pure',
    imports: `import OpenAI from 'openai';`,
    body: `const client = new OpenAI({ apiKey: 'x', fetch: async () => Response.json({ data: [{ id: 'm' }], object: 'list' }) }); return (await client.models.list()).data[0].id;`,
  },
  {
    name: 'anthropic-sdk',
    kind: 'pure',
    imports: `import Anthropic from '@anthropic-ai/sdk';`,
    body: `const client = new Anthropic({ apiKey: 'x', fetch: async () => Response.json({ id: 'm', content: [{ type: 'text', text: 'yes' }] }) }); return (await client.messages.create({ model: 'm', max_tokens: 1, messages: [] })).content[0].text;`,
  },
  {
    name: 'stripe',
    kind: 'pure',
    imports: `import Stripe from 'stripe';`,
    body: `const stripe = new Stripe('sk_test_x'); const header = stripe.webhooks.generateTestHeaderString({ payload: '{"id":"evt"}', secret: 's' }); return stripe.webhooks.constructEvent('{"id":"evt"}', header, 's').id;`,
  },
  {
    name: 'aws-s3',
    kind: 'pure',
    imports: `import { S3Client, GetObjectCommand } from '@aws-sdk/client-s3'; import { getSignedUrl } from '@aws-sdk/s3-request-presigner';`,
    body: `const client = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }); return (await getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).slice(0, 30);`,
  },
  {
    name: 'aws-dynamodb',
    kind: 'pure',
    imports: `import { marshall } from '@aws-sdk/util-dynamodb'; import { DynamoDBClient } from '@aws-sdk/client-dynamodb';`,
    body: `new DynamoDBClient({ region: 'us-east-1' }); return JSON.stringify(marshall({ a: 1 }));`,
  },
  {
    name: 'axios',
    kind: 'pure',
    imports: `import axios from 'axios';`,
    body: `return (await axios.get('http://x/', { adapter: async (config) => ({ data: 'ax', status: 200, statusText: '', headers: {}, config }) })).data;`,
  },
  {
    name: 'lodash',
    kind: 'cjs-only',
    imports: `import _ from 'lodash';`,
    body: `return _.chunk([1, 2, 3], 2).length;`,
  },
  {
    name: 'date-fns',
    kind: 'pure',
    imports: `import { format } from 'date-fns';`,
    body: `return format(new Date(2020, 0, 2), 'yyyy-MM-dd');`,
  },
  {
    name: 'dayjs',
    kind: 'cjs-only',
    imports: `import dayjs from 'dayjs'; import utc from 'dayjs/plugin/utc.js'; import 'dayjs/locale/de.js';`,
    body: `dayjs.extend(utc); return dayjs.utc(0).locale('de').format('MMMM');`,
  },
  {
    name: 'luxon',
    kind: 'pure',
    imports: `import { DateTime } from 'luxon';`,
    body: `return DateTime.fromMillis(0, { zone: 'Europe/Paris' }).toISO();`,
  },
  {
    name: 'rxjs',
    kind: 'pure',
    imports: `import { of, map, lastValueFrom } from 'rxjs';`,
    body: `return lastValueFrom(of(1).pipe(map((n) => n + 1)));`,
  },
  {
    name: 'ajv',
    kind: 'cjs-only',
    imports: `import Ajv from 'ajv'; import addFormats from 'ajv-formats';`,
    body: `const ajv = new (Ajv.default ?? Ajv)(); (addFormats.default ?? addFormats)(ajv); return ajv.compile({ type: 'string', format: 'email' })('a@b.co');`,
  },
  {
    name: 'joi',
    kind: 'cjs-only',
    imports: `import Joi from 'joi';`,
    body: `return Joi.number().validate('3').value;`,
  },
  {
    name: 'jsonwebtoken',
    kind: 'cjs-only',
    imports: `import jwt from 'jsonwebtoken';`,
    body: `return jwt.verify(jwt.sign({ a: 1 }, 's'), 's').a;`,
  },
  {
    name: 'jose',
    kind: 'esm-only',
    imports: `import { SignJWT, jwtVerify } from 'jose';`,
    body: `const key = new TextEncoder().encode('x'.repeat(32)); return (await jwtVerify(await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(key), key)).payload.a;`,
  },
  {
    name: 'uuid',
    kind: 'esm-only',
    imports: `import { v4 } from 'uuid';`,
    body: `return v4().length;`,
  },
  {
    name: 'nanoid',
    kind: 'esm-only',
    imports: `import { nanoid } from 'nanoid';`,
    body: `return nanoid().length;`,
  },
  {
    name: 'got',
    kind: 'esm-only',
    imports: `import got from 'got';`,
    body: `return typeof got.extend({ prefixUrl: 'http://x' }).get;`,
  },
  {
    name: 'ky',
    kind: 'esm-only',
    imports: `import ky from 'ky';`,
    body: `return ky('http://x', { fetch: async () => new Response('ky') }).text();`,
  },
  {
    name: 'chalk',
    kind: 'esm-only',
    imports: `import { Chalk } from 'chalk';`,
    body: `return new Chalk({ level: 1 }).red('x').length;`,
  },
  {
    name: 'p-queue',
    kind: 'esm-only',
    imports: `import PQueue from 'p-queue';`,
    body: `return new PQueue({ concurrency: 1 }).add(async () => 7);`,
  },
  {
    name: 'execa',
    kind: 'esm-only',
    imports: `import { execa } from 'execa';`,
    body: `return (await execa('echo', ['hi'])).stdout;`,
  },
  {
    name: 'unified',
    kind: 'esm-only',
    imports: `import { unified } from 'unified'; import parse from 'remark-parse'; import rehype from 'remark-rehype'; import html from 'rehype-stringify';`,
    body: `return String(await unified().use(parse).use(rehype).use(html).process('# hi'));`,
  },
  {
    name: 'marked',
    kind: 'esm-only',
    imports: `import { marked } from 'marked';`,
    body: `return marked.parse('*x*');`,
  },
  {
    name: 'markdown-it',
    kind: 'pure',
    imports: `import MarkdownIt from 'markdown-it';`,
    body: `return new MarkdownIt().render('*x*');`,
  },
  {
    name: 'hono',
    kind: 'pure',
    imports: `import { Hono } from 'hono';`,
    body: `return (await new Hono().get('/', (c) => c.text('hono')).request('/')).text();`,
  },
  {
    name: 'express',
    kind: 'cjs-only',
    imports: `import express from 'express'; import serverless from 'serverless-http';`,
    body: `const app = express(); app.get('/a', (request, response) => response.json({ q: request.query.q })); const answer = await serverless(app)({ httpMethod: 'GET', path: '/a', headers: {}, queryStringParameters: { q: '1' } }, {}); return answer.body;`,
  },
  {
    name: 'fastify',
    kind: 'cjs-only',
    imports: `import fastify from 'fastify';`,
    body: `const app = fastify(); app.get('/', async () => ({ ok: 1 })); return (await app.inject('/')).body;`,
  },
  {
    name: 'koa',
    kind: 'cjs-only',
    imports: `import Koa from 'koa'; import serverless from 'serverless-http';`,
    body: `const app = new Koa(); app.use((ctx) => { ctx.body = 'koa'; }); return (await serverless(app)({ httpMethod: 'GET', path: '/', headers: {} }, {})).body;`,
  },
  {
    name: 'mongodb',
    kind: 'cjs-only',
    imports: `import { MongoClient, ObjectId } from 'mongodb';`,
    body: `const client = new MongoClient('mongodb://127.0.0.1:1/', { serverSelectionTimeoutMS: 50 }); const reason = await client.connect().catch((error) => error.name); return reason + new ObjectId('0'.repeat(24));`,
  },
  {
    name: 'mongoose',
    kind: 'cjs-only',
    imports: `import mongoose from 'mongoose';`,
    body: `const Model = mongoose.model('M', new mongoose.Schema({ a: { type: Number, required: true } })); return new Model({}).validateSync().errors.a.kind;`,
  },
  {
    name: 'ioredis',
    kind: 'cjs-only',
    imports: `import { Redis } from 'ioredis';`,
    body: `const redis = new Redis({ lazyConnect: true, port: 1, retryStrategy: () => null }); redis.on('error', () => {}); return redis.connect().catch((error) => error.constructor.name);`,
  },
  {
    name: 'redis',
    kind: 'cjs-only',
    imports: `import { createClient } from 'redis';`,
    body: `return createClient({ url: 'redis://127.0.0.1:1' }).isOpen;`,
  },
  {
    name: 'graphql',
    kind: 'pure',
    imports: `import { graphql, buildSchema } from 'graphql';`,
    body: `return (await graphql({ schema: buildSchema('type Query { a: String }'), source: '{ a }', rootValue: { a: 'g' } })).data.a;`,
  },
  {
    name: 'graphql-yoga',
    kind: 'pure',
    imports: `import { createYoga, createSchema } from 'graphql-yoga';`,
    body: `const yoga = createYoga({ schema: createSchema({ typeDefs: 'type Query { a: String }', resolvers: { Query: { a: () => 'yo' } } }) }); return (await yoga.fetch('http://x/graphql?query={a}')).text();`,
  },
  {
    name: 'apollo-server',
    kind: 'cjs-only',
    imports: `import { ApolloServer } from '@apollo/server';`,
    body: `const server = new ApolloServer({ typeDefs: 'type Query { a: String }', resolvers: { Query: { a: () => 'apollo' } } }); return (await server.executeOperation({ query: '{ a }' })).body.singleResult.data.a;`,
  },
  {
    name: 'csv-parse',
    kind: 'pure',
    imports: `import { parse } from 'csv-parse/sync';`,
    body: `return parse('a,b\\n1,2', { columns: true })[0].b;`,
  },
  {
    name: 'exceljs',
    kind: 'cjs-only',
    imports: `import ExcelJS from 'exceljs';`,
    body: `const book = new ExcelJS.Workbook(); book.addWorksheet('s').addRow([1]); return (await book.xlsx.writeBuffer()).byteLength > 1000;`,
  },
  {
    name: 'xlsx',
    kind: 'pure',
    imports: `import * as XLSX from 'xlsx';`,
    body: `return XLSX.utils.sheet_to_csv(XLSX.utils.aoa_to_sheet([[1, 2]]));`,
  },
  {
    name: 'jszip',
    kind: 'cjs-only',
    imports: `import JSZip from 'jszip';`,
    body: `return (await new JSZip().file('a', 'b').generateAsync({ type: 'uint8array' })).length;`,
  },
  {
    name: 'archiver',
    kind: 'pure',
    imports: `import { ZipArchive } from 'archiver';`,
    body: `const zip = new ZipArchive(); zip.append('x', { name: 'a' }); zip.finalize(); let size = 0; for await (const chunk of zip) size += chunk.length; return size;`,
  },
  {
    name: 'fast-xml-parser',
    kind: 'pure',
    imports: `import { XMLParser } from 'fast-xml-parser';`,
    body: `return new XMLParser().parse('<a>1</a>').a;`,
  },
  {
    name: 'yaml',
    kind: 'pure',
    imports: `import { parse } from 'yaml';`,
    body: `return parse('a: 1').a;`,
  },
  {
    name: 'handlebars',
    kind: 'cjs-only',
    imports: `import Handlebars from 'handlebars';`,
    body: `return Handlebars.compile('{{a}}')({ a: 1 });`,
  },
  {
    name: 'mustache',
    kind: 'pure',
    imports: `import Mustache from 'mustache';`,
    body: `return Mustache.render('{{a}}', { a: 1 });`,
  },
  {
    name: 'ejs',
    kind: 'pure',
    imports: `import ejs from 'ejs';`,
    body: `return ejs.render('<%= a %>', { a: 1 });`,
  },
  {
    name: 'pug',
    kind: 'cjs-only',
    imports: `import pug from 'pug';`,
    body: `return pug.render('p= a', { a: 1 });`,
  },
  {
    name: 'react-dom',
    kind: 'cjs-only',
    imports: `import { createElement } from 'react'; import { renderToString } from 'react-dom/server';`,
    body: `return renderToString(createElement('p', null, 'r'));`,
  },
  {
    name: 'vue',
    kind: 'pure',
    imports: `import { createSSRApp, h } from 'vue'; import { renderToString } from 'vue/server-renderer';`,
    body: `return renderToString(createSSRApp({ render: () => h('p', 'v') }));`,
  },
  {
    name: 'preact',
    kind: 'pure',
    imports: `import { h } from 'preact'; import render from 'preact-render-to-string';`,
    body: `return render(h('p', null, 'p'));`,
  },
  {
    name: 'winston',
    kind: 'cjs-only',
    imports: `import winston from 'winston'; import { Writable } from 'node:stream';`,
    body: `let line = ''; winston.createLogger({ transports: [new winston.transports.Stream({ stream: new Writable({ write(chunk, _, done) { line += chunk; done(); } }) })] }).info('w'); return line.trim();`,
  },
  {
    name: 'octokit',
    kind: 'esm-only',
    imports: `import { Octokit } from 'octokit';`,
    body: `const octokit = new Octokit({ request: { fetch: async () => Response.json({ login: 'o' }) } }); return (await octokit.request('GET /user')).data.login;`,
  },
  {
    name: 'slack-web-api',
    kind: 'cjs-only',
    imports: `import { WebClient } from '@slack/web-api';`,
    body: `return typeof new WebClient('x').chat.postMessage;`,
  },
  {
    name: 'twilio',
    kind: 'cjs-only',
    imports: `import twilio from 'twilio';`,
    body: `return new twilio.twiml.MessagingResponse().message('hi').toString();`,
  },
  {
    name: 'sendgrid',
    kind: 'cjs-only',
    imports: `import sgMail from '@sendgrid/mail';`,
    body: `sgMail.setApiKey('SG.x'); return typeof sgMail.send;`,
  },
  {
    name: 'supabase',
    kind: 'pure',
    imports: `import { createClient } from '@supabase/supabase-js';`,
    body: `const client = createClient('http://x.co', 'k', { global: { fetch: async () => Response.json([{ a: 1 }]) } }); return (await client.from('t').select()).data[0].a;`,
  },
  {
    name: 'firebase-admin',
    kind: 'cjs-only',
    imports: `import admin from 'firebase-admin';`,
    body: `const app = admin.initializeApp({ projectId: 'p' }); return app.options.projectId;`,
  },
  {
    name: 'drizzle-orm',
    kind: 'pure',
    imports: `import { pgTable, text } from 'drizzle-orm/pg-core'; import { drizzle } from 'drizzle-orm/pg-proxy';`,
    body: `const db = drizzle(async () => ({ rows: [['d']] })); return (await db.select().from(pgTable('t', { a: text('a') })))[0].a;`,
  },
  {
    name: 'kysely',
    kind: 'pure',
    imports: `import { Kysely, PostgresDialect } from 'kysely';`,
    body: `return new Kysely({ dialect: new PostgresDialect({ pool: {} }) }).selectFrom('t').selectAll().compile().sql;`,
  },
  {
    name: 'ethers',
    kind: 'pure',
    imports: `import { Wallet } from 'ethers';`,
    body: `return new Wallet('0x' + '1'.repeat(64)).address;`,
  },
  {
    name: 'viem',
    kind: 'pure',
    imports: `import { keccak256, toHex } from 'viem';`,
    body: `return keccak256(toHex('x')).length;`,
  },
  {
    name: 'ws',
    kind: 'cjs-only',
    imports: `import { WebSocketServer } from 'ws';`,
    body: `const server = new WebSocketServer({ port: 0 }); await new Promise((done) => server.on('listening', done)); server.close(); return 'ws';`,
  },
  {
    name: 'undici',
    kind: 'cjs-only',
    imports: `import { MockAgent, request } from 'undici';`,
    body: `const agent = new MockAgent(); agent.get('http://x').intercept({ path: '/' }).reply(200, 'u'); return (await request('http://x/', { dispatcher: agent })).body.text();`,
  },
  {
    name: 'pg',
    kind: 'cjs-only',
    imports: `import pg from 'pg';`,
    body: `return new pg.Client({ host: '127.0.0.1', port: 1 }).connect().catch((error) => error.code);`,
  },
  {
    name: 'mysql2',
    kind: 'cjs-only',
    imports: `import mysql from 'mysql2/promise';`,
    body: `return mysql.createConnection({ host: '127.0.0.1', port: 1 }).catch((error) => error.code);`,
  },
  {
    name: 'svgo',
    kind: 'pure',
    imports: `import { optimize } from 'svgo';`,
    body: `return optimize('<svg xmlns="http://www.w3.org/2000/svg"><g></g></svg>').data;`,
  },
  {
    name: 'terser',
    kind: 'pure',
    imports: `import { minify } from 'terser';`,
    body: `return (await minify('const a = 1 + 1; console.log(a)')).code;`,
  },
  {
    name: 'postcss',
    kind: 'cjs-only',
    imports: `import postcss from 'postcss'; import autoprefixer from 'autoprefixer';`,
    body: `return (await postcss([autoprefixer]).process('a{user-select:none}', { from: undefined })).css.length;`,
  },
  {
    name: 'sass',
    kind: 'pure',
    imports: `import * as sass from 'sass';`,
    body: `return sass.compileString('a{b{c:d}}').css;`,
  },
  {
    name: 'less',
    kind: 'cjs-only',
    imports: `import less from 'less';`,
    body: `return (await less.render('a{b{c:d}}')).css;`,
  },
  // Native addons.
  {
    name: 'sharp',
    kind: 'native',
    imports: `import sharp from 'sharp';`,
    body: `return (await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).png().toBuffer()).length;`,
  },
  {
    name: 'better-sqlite3',
    kind: 'native',
    imports: `import Database from 'better-sqlite3';`,
    body: `return new Database(':memory:').prepare('select 1 as a').get().a;`,
  },
  {
    name: 'argon2',
    kind: 'native',
    imports: `import argon2 from 'argon2';`,
    body: `return argon2.verify(await argon2.hash('x'), 'x');`,
  },
  {
    name: 'bcrypt',
    kind: 'native',
    imports: `import bcrypt from 'bcrypt';`,
    body: `return bcrypt.compare('x', await bcrypt.hash('x', 4));`,
  },
  {
    name: 'napi-canvas',
    kind: 'native',
    imports: `import { createCanvas } from '@napi-rs/canvas';`,
    body: `const canvas = createCanvas(4, 4); canvas.getContext('2d').fillRect(0, 0, 2, 2); return canvas.toBuffer('image/png').length;`,
  },
  {
    name: 'resvg',
    kind: 'native',
    imports: `import { Resvg } from '@resvg/resvg-js';`,
    body: `return new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>').render().asPng().length;`,
  },
  {
    name: 'swc',
    kind: 'native',
    imports: `import { transform } from '@swc/core';`,
    body: `return (await transform('const a: number = 1', { jsc: { parser: { syntax: 'typescript' } } })).code;`,
  },
  {
    name: 'lightningcss',
    kind: 'native',
    imports: `import { transform } from 'lightningcss';`,
    body: `return transform({ filename: 'a.css', code: Buffer.from('a { color: red }'), minify: true }).code.toString();`,
  },
  {
    name: 'oxc-parser',
    kind: 'native',
    imports: `import { parseSync } from 'oxc-parser';`,
    body: `return parseSync('a.js', 'let a').program.body.length;`,
  },
  {
    name: 'bufferutil',
    kind: 'native',
    imports: `import bufferUtil from 'bufferutil';`,
    body: `const out = Buffer.alloc(1); bufferUtil.mask(Buffer.from([1]), Buffer.from([1, 1, 1, 1]), out, 0, 1); return out[0];`,
  },
  {
    name: 'node-rs-bcrypt',
    kind: 'native',
    imports: `import { hash, verify } from '@node-rs/bcrypt';`,
    body: `return verify('x', await hash('x'));`,
  },
  {
    name: 'libsql',
    kind: 'native',
    imports: `import { createClient } from '@libsql/client';`,
    body: `return (await createClient({ url: 'file::memory:' }).execute('select 1 as a')).rows[0].a;`,
  },
  {
    name: 'msgpackr',
    kind: 'native',
    imports: `import { pack, unpack } from 'msgpackr';`,
    body: `return unpack(pack({ a: 1 })).a;`,
  },
  {
    name: 'lmdb',
    kind: 'native',
    imports: `import { open } from 'lmdb'; import { mkdtempSync } from 'node:fs'; import { tmpdir } from 'node:os'; import path from 'node:path';`,
    body: `const db = open({ path: mkdtempSync(path.join(tmpdir(), 'bgfn-lmdb-')) }); await db.put('a', 1); return db.get('a');`,
  },
  {
    name: 'ssh2',
    kind: 'native',
    imports: `import ssh2 from 'ssh2';`,
    body: `return ssh2.utils.generateKeyPairSync('ed25519').public.slice(0, 11);`,
  },
  // WebAssembly beside the code.
  {
    name: 'tiktoken',
    kind: 'wasm',
    imports: `import { get_encoding } from 'tiktoken';`,
    body: `return get_encoding('cl100k_base').encode('hello world').length;`,
  },
  {
    name: 'sql.js',
    kind: 'wasm',
    imports: `import initSqlJs from 'sql.js';`,
    body: `const SQL = await initSqlJs(); return new SQL.Database().exec('select 1')[0].values[0][0];`,
  },
  {
    name: 'esbuild-wasm',
    kind: 'wasm',
    imports: `import * as esbuild from 'esbuild-wasm';`,
    body: `const code = (await esbuild.transform('let a: number = 1', { loader: 'ts' })).code; await esbuild.stop(); return code;`,
  },
  {
    name: 'hash-wasm',
    kind: 'wasm',
    imports: `import { md5 } from 'hash-wasm';`,
    body: `return md5('x');`,
  },
  {
    name: 'pglite',
    kind: 'wasm',
    imports: `import { PGlite } from '@electric-sql/pglite';`,
    body: `return (await new PGlite().query('select 1 as a')).rows[0].a;`,
  },
  {
    name: 'web-tree-sitter',
    kind: 'wasm',
    imports: `import { Parser } from 'web-tree-sitter';`,
    body: `await Parser.init(); return typeof new Parser().parse;`,
  },
  {
    name: 'satori-yoga',
    kind: 'wasm',
    imports: `import { loadYoga } from 'yoga-layout/load';`,
    body: `return typeof (await loadYoga()).Node.create;`,
  },
  {
    name: 'shiki',
    kind: 'wasm',
    imports: `import { codeToHtml } from 'shiki';`,
    body: `return (await codeToHtml('let a', { lang: 'js', theme: 'nord' })).length > 50;`,
  },
  {
    name: 'jsquash-png',
    kind: 'wasm',
    imports: `import { decode } from '@jsquash/png';`,
    body: `return typeof decode;`,
  },
  // Packages that read their own files.
  {
    name: 'pdfkit',
    kind: 'data-files',
    imports: `import PDFDocument from 'pdfkit';`,
    body: `const pdf = new PDFDocument(); const chunks = []; pdf.on('data', (chunk) => chunks.push(chunk)); pdf.text('hi'); pdf.end(); await new Promise((done) => pdf.on('end', done)); return Buffer.concat(chunks).length > 500;`,
  },
  {
    name: 'geoip-lite',
    kind: 'data-files',
    imports: `import geoip from 'geoip-lite';`,
    body: `return geoip.lookup('8.8.8.8').country;`,
  },
  {
    name: 'swagger-ui-dist',
    kind: 'data-files',
    imports: `import swagger from 'swagger-ui-dist'; import { readFileSync } from 'node:fs'; import path from 'node:path';`,
    body: `return readFileSync(path.join(swagger.getAbsoluteFSPath(), 'swagger-ui-bundle.js')).length > 1000;`,
  },
  {
    name: 'jsdom',
    kind: 'data-files',
    imports: `import { JSDOM } from 'jsdom';`,
    body: `return new JSDOM('<p>j</p>').window.getComputedStyle(new JSDOM('<p>j</p>').window.document.querySelector('p')).display;`,
  },
  {
    name: 'typescript',
    kind: 'data-files',
    imports: `import ts from 'typescript';`,
    body: `const program = ts.createProgram(['x.ts'], { lib: ['lib.es2022.d.ts'], types: [] }, { ...ts.createCompilerHost({}), getSourceFile: (name, target) => ts.createSourceFile(name, name === 'x.ts' ? 'const a: Map<string, number> = new Map();' : ts.sys.readFile(name) ?? '', target) }); return program.getGlobalDiagnostics().length + program.getSemanticDiagnostics().length;`,
  },
  {
    name: 'google-protos',
    kind: 'data-files',
    imports: `import { loadSync } from '@grpc/proto-loader'; import protos from 'google-proto-files';`,
    body: `return Object.keys(loadSync(protos.getProtoPath('rpc/status.proto'), { includeDirs: [protos.getProtoPath('..')] })).length;`,
  },
  {
    name: 'mime-db',
    kind: 'data-files',
    imports: `import mime from 'mime-types';`,
    body: `return mime.lookup('a.png');`,
  },
  {
    name: 'i18next-fs-backend',
    kind: 'data-files',
    imports: `import i18next from 'i18next'; import Backend from 'i18next-fs-backend'; import path from 'node:path'; import { fileURLToPath } from 'node:url';`,
    body: `const here = path.dirname(fileURLToPath(import.meta.url)); await i18next.use(Backend).init({ lng: 'en', backend: { loadPath: path.join(here, 'locales/{{lng}}.json') } }); return i18next.t('hello');`,
  },
  {
    name: 'pdf-parse',
    kind: 'data-files',
    imports: `import { PDFParse } from 'pdf-parse'; import PDFDocument from 'pdfkit';`,
    body: `const pdf = new PDFDocument(); const chunks = []; pdf.on('data', (chunk) => chunks.push(chunk)); pdf.text('hello'); pdf.end(); await new Promise((done) => pdf.on('end', done)); return (await new PDFParse({ data: Buffer.concat(chunks) }).getText()).text.trim().slice(0, 5);`,
  },
  {
    name: 'pdf-lib',
    kind: 'pure',
    imports: `import { PDFDocument } from 'pdf-lib';`,
    body: `const pdf = await PDFDocument.create(); pdf.addPage(); return (await pdf.save()).length;`,
  },
  {
    name: 'playwright-core',
    kind: 'data-files',
    imports: `import { chromium } from 'playwright-core';`,
    body: `return chromium.launch({ executablePath: '/nonexistent' }).catch((error) => error.message.slice(0, 40));`,
  },
  {
    name: 'puppeteer-core',
    kind: 'data-files',
    imports: `import puppeteer from 'puppeteer-core';`,
    body: `return puppeteer.launch({ executablePath: '/nonexistent' }).catch((error) => error.message.slice(0, 40));`,
  },
  {
    name: 'prettier',
    kind: 'data-files',
    imports: `import * as prettier from 'prettier';`,
    body: `return (await prettier.format('a  =  1', { parser: 'babel' })) + (await prettier.format('a{b:c}', { parser: 'css' }));`,
  },
  {
    name: 'eslint',
    kind: 'data-files',
    imports: `import { ESLint } from 'eslint';`,
    body: `return (await new ESLint({ overrideConfigFile: true, overrideConfig: [{ rules: { 'no-var': 'error' } }] }).lintText('var a = 1;'))[0].errorCount;`,
  },
  {
    name: 'mjml',
    kind: 'data-files',
    imports: `import mjml from 'mjml';`,
    body: `return (await mjml('<mjml><mj-body></mj-body></mjml>')).html.length > 100;`,
  },
  {
    name: 'email-templates-juice',
    kind: 'data-files',
    imports: `import juice from 'juice';`,
    body: `return juice('<style>p{color:red}</style><p>x</p>');`,
  },
  {
    name: 'fontkit',
    kind: 'data-files',
    imports: `import * as fontkit from 'fontkit';`,
    body: `return typeof fontkit.create;`,
  },
  {
    name: 'faker',
    kind: 'pure',
    imports: `import { faker } from '@faker-js/faker';`,
    body: `faker.seed(1); return faker.person.firstName().length > 0;`,
  },
  {
    name: 'moment-timezone',
    kind: 'data-files',
    imports: `import moment from 'moment-timezone';`,
    body: `moment.locale('de'); return moment.tz(0, 'Asia/Tokyo').format('MMMM HH');`,
  },
  {
    name: 'natural-stopwords',
    kind: 'pure',
    imports: `import { removeStopwords } from 'stopword';`,
    body: `return removeStopwords('this is a test'.split(' ')).join();`,
  },
  {
    name: 'iconv-lite',
    kind: 'cjs-only',
    imports: `import iconv from 'iconv-lite';`,
    body: `return iconv.decode(iconv.encode('日本', 'shift_jis'), 'shift_jis');`,
  },
  {
    name: 'opentelemetry',
    kind: 'cjs-only',
    imports: `import { NodeSDK } from '@opentelemetry/sdk-node'; import { trace } from '@opentelemetry/api';`,
    body: `const sdk = new NodeSDK({ traceExporter: { export: (_, done) => done({ code: 0 }), shutdown: async () => {} } }); sdk.start(); const recording = trace.getTracer('t').startSpan('s').isRecording(); await sdk.shutdown(); return recording;`,
  },
  {
    name: 'sentry-node',
    kind: 'cjs-only',
    imports: `import * as Sentry from '@sentry/node';`,
    body: `Sentry.init({ dsn: 'http://k@127.0.0.1:1/1', transport: () => ({ send: async () => ({}), flush: async () => true }) }); return Sentry.captureMessage('x').length;`,
  },
  {
    name: 'grpc-js',
    kind: 'cjs-only',
    imports: `import * as grpc from '@grpc/grpc-js';`,
    body: `return typeof new grpc.Server().bindAsync;`,
  },
  {
    name: 'google-storage',
    kind: 'cjs-only',
    imports: `import { Storage } from '@google-cloud/storage';`,
    body: `return new Storage({ projectId: 'p' }).bucket('b').name;`,
  },
  {
    name: 'googleapis-sheets',
    kind: 'cjs-only',
    imports: `import { sheets } from '@googleapis/sheets';`,
    body: `return typeof sheets({ version: 'v4' }).spreadsheets.get;`,
  },
  // Modules named at run time.
  {
    name: 'knex-pg',
    kind: 'named-modules',
    imports: `import knex from 'knex';`,
    body: `return knex({ client: 'pg' })('t').where({ a: 1 }).toString() + (await knex({ client: 'pg', connection: { host: '127.0.0.1', port: 1 } }).raw('select 1').catch((error) => error.code));`,
  },
  {
    name: 'knex-sqlite',
    kind: 'named-modules',
    imports: `import knex from 'knex';`,
    body: `const db = knex({ client: 'better-sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true }); return (await db.raw('select 1 as a'))[0].a;`,
  },
  {
    name: 'sequelize',
    kind: 'named-modules',
    imports: `import { Sequelize } from 'sequelize';`,
    body: `return new Sequelize('postgres://127.0.0.1:1/x', { logging: false }).authenticate().catch((error) => error.name);`,
    needs: ['pg', 'pg-hstore'],
  },
  {
    name: 'typeorm',
    kind: 'named-modules',
    imports: `import { DataSource } from 'typeorm';`,
    body: `const source = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize(); return (await source.query('select 1 as a'))[0].a;`,
  },
  {
    name: 'express-views',
    kind: 'named-modules',
    imports: `import express from 'express'; import path from 'node:path'; import { fileURLToPath } from 'node:url';`,
    body: `const app = express(); app.set('views', path.join(path.dirname(fileURLToPath(import.meta.url)), 'views')); app.set('view engine', 'pug'); return new Promise((done, fail) => app.render('index', { a: 1 }, (error, html) => (error ? fail(error) : done(html))));`,
  },
  {
    name: 'consolidate',
    kind: 'named-modules',
    imports: `import cons from '@ladjs/consolidate';`,
    body: `return cons.handlebars.render('{{a}}', { a: 1 });`,
  },
  {
    name: 'babel-core',
    kind: 'named-modules',
    imports: `import * as babel from '@babel/core';`,
    body: `return (await babel.transformAsync('const a = () => 1', { presets: ['@babel/preset-env'], configFile: false, babelrc: false })).code.includes('function');`,
  },
  {
    name: 'cosmiconfig',
    kind: 'named-modules',
    imports: `import { cosmiconfig } from 'cosmiconfig';`,
    body: `return (await cosmiconfig('bgfn').search()) === null;`,
  },
  {
    name: 'pino',
    kind: 'pure',
    imports: `import pino from 'pino';`,
    body: `let line = ''; pino({}, { write: (text) => { line = text; } }).info('p'); return JSON.parse(line).msg;`,
  },
  // Worker threads and processes.
  {
    name: 'pino-transport',
    kind: 'worker-thread',
    imports: `import pino from 'pino'; import { mkdtempSync, readFileSync } from 'node:fs'; import { tmpdir } from 'node:os'; import path from 'node:path';`,
    body: `const file = path.join(mkdtempSync(path.join(tmpdir(), 'bgfn-pino-')), 'log'); const transport = pino.transport({ target: 'pino-pretty', options: { destination: file, colorize: false } }); const log = pino(transport); log.info('pretty'); const held = setInterval(() => {}, 1000); await new Promise((done) => { transport.on('close', done); transport.end(); }); clearInterval(held); return readFileSync(file, 'utf8').includes('pretty');`,
  },
  {
    name: 'piscina',
    kind: 'worker-thread',
    imports: `import { Piscina } from 'piscina';`,
    body: `const pool = new Piscina({ filename: new URL('./piscina-worker.mjs', import.meta.url).href, maxThreads: 1 }); const sum = await pool.run({ a: 1, b: 2 }); await pool.destroy(); return sum;`,
  },
  {
    name: 'workerpool',
    kind: 'worker-thread',
    imports: `import workerpool from 'workerpool';`,
    body: `const pool = workerpool.pool({ workerType: 'thread' }); const sum = await pool.exec((a, b) => a + b, [1, 2]); await pool.terminate(); return sum;`,
  },
  {
    name: 'tesseract',
    kind: 'worker-thread',
    imports: `import { createWorker } from 'tesseract.js';`,
    body: `return typeof createWorker;`,
  },
  {
    name: 'synckit',
    kind: 'worker-thread',
    imports: `import { createSyncFn } from 'synckit'; import { fileURLToPath } from 'node:url';`,
    body: `return createSyncFn(fileURLToPath(new URL('./synckit-worker.mjs', import.meta.url)))(20);`,
  },
  {
    name: 'esbuild',
    kind: 'child-binary',
    imports: `import { transform } from 'esbuild';`,
    body: `return (await transform('let a: number = 1', { loader: 'ts' })).code;`,
  },
  {
    name: 'ffmpeg-static',
    kind: 'child-binary',
    imports: `import ffmpeg from '@ffmpeg-installer/ffmpeg'; import { execFileSync } from 'node:child_process';`,
    body: `return execFileSync(ffmpeg.path, ['-version']).toString().slice(0, 6);`,
  },
  {
    name: 'ffprobe-installer',
    kind: 'child-binary',
    imports: `import ffprobe from '@ffprobe-installer/ffprobe'; import { execFileSync } from 'node:child_process';`,
    body: `return execFileSync(ffprobe.path, ['-version']).toString().slice(0, 7);`,
  },
  {
    name: 'sass-embedded',
    kind: 'child-binary',
    imports: `import * as sass from 'sass-embedded';`,
    body: `return (await sass.compileStringAsync('a{b{c:d}}')).css;`,
  },
  {
    name: 'vscode-ripgrep',
    kind: 'child-binary',
    imports: `import { rgPath } from '@vscode/ripgrep'; import { execFileSync } from 'node:child_process';`,
    body: `return execFileSync(rgPath, ['--version']).toString().slice(0, 7);`,
  },
];
