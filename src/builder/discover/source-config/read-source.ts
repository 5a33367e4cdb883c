import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';
import { evaluate } from './evaluate.ts';
import {
  readHandlerObject,
  requireHandler,
  resolveObject,
  type HandlerObject,
} from './handler-object.ts';
import { looseSettings } from './loose-settings.ts';
import { exportNames, resolveExport, type ModuleExport } from './module-exports.ts';
import type { Scope } from './resolve-name.ts';
import { NoHandlerError, SourceError, locationOf } from './source-error.ts';
import { spanOf, type ModuleLoader, type SourceModule } from './source-module.ts';
import type { StaticValue } from './static-value.ts';
import { textOf, unwrap } from './syntax.ts';
import { readWrapper } from './wrapper.ts';

/** The facts about a function that its source contains, read from the syntax tree. */
export interface SourceFacts {
  /** 1 exports `handler`, 2 has a default export and no `handler`. */
  readonly authoring: 1 | 2;
  /** The in-source configuration. */
  readonly config: StaticValue | undefined;
  /** The cron expression of a v1 `schedule(…, handler)`. */
  readonly wrapperSchedule: StaticValue | undefined;
  /**
   * Whether the function streams its response: every v2 function does, and v1 functions through
   * `stream(handler)`.
   */
  readonly streaming: boolean;
  /** The slugs of the default-export object's event handlers, including `fetch`. */
  readonly eventHandlers: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const whatToExport =
  'Export a function as default (`export default async (request) => new Response("…")`) or a v1 `handler` (`export const handler = async (event) => …`).';

/** Values that cannot be called. A class can only be called with `new`. */
const uncallable: ReadonlySet<string> = new Set([
  'Literal',
  'TemplateLiteral',
  'ArrayExpression',
  'ClassDeclaration',
  'ClassExpression',
]);

/**
 * Reads the facts from the source of one function.
 *
 * @throws {NoHandlerError} When the source has no usable export
 * @throws {SourceError} When the source has a syntax error, when its exports cannot be read, or
 *   when its configuration is known only when the function runs
 */
export function readSource(
  file: string,
  source: string,
  functionName: string,
  loader: ModuleLoader,
): SourceFacts {
  const module = loader.parse(file, source);
  const handler = resolveExport(module, 'handler', loader);
  const defaultExport = resolveExport(module, 'default', loader);
  const config = resolveExport(module, 'config', loader);
  if (handler !== undefined) {
    return withLooseSettings(readV1(handler, config, functionName, loader), module, functionName);
  }
  if (defaultExport !== undefined) {
    const facts = readV2(defaultExport, config, functionName, loader);
    return withLooseSettings(facts, module, functionName);
  }
  throw missingExport(module, loader);
}

function withLooseSettings(
  facts: SourceFacts,
  module: SourceModule,
  functionName: string,
): SourceFacts {
  const configured = new Set([
    ...(facts.config?.kind === 'object' ? facts.config.members.keys() : []),
    ...(facts.wrapperSchedule === undefined ? [] : ['schedule']),
  ]);
  const loose = looseSettings(module, functionName, configured);
  return { ...facts, diagnostics: [...facts.diagnostics, ...loose] };
}

function readV1(
  handler: ModuleExport,
  config: ModuleExport | undefined,
  functionName: string,
  loader: ModuleLoader,
): SourceFacts {
  const wrapper =
    handler.expression === undefined
      ? undefined
      : readWrapper(handler.expression, scopeOf(handler, loader));
  const read = config === undefined ? undefined : readConfigOfV1(config, functionName, loader);
  return {
    authoring: 1,
    config: read !== undefined && 'kind' in read ? read : undefined,
    wrapperSchedule: wrapper?.schedule,
    streaming: wrapper?.name === 'stream',
    eventHandlers: [],
    diagnostics: read !== undefined && 'severity' in read ? [read] : [],
  };
}

/** Settings that the configuration of an application does not have by chance. */
const settingWords =
  /\b(?:background|schedule|timeout|memory|retry|destinations|includedFiles|\w+NodeModules|nodeBundler)\b/;

/**
 * Reads the `config` beside a v1 handler. Netlify does not read it there, and many functions export
 * an object of their own under this name. So one that cannot be read and that mentions no setting
 * is a warning.
 */
function readConfigOfV1(
  config: ModuleExport,
  functionName: string,
  loader: ModuleLoader,
): StaticValue | Diagnostic {
  try {
    return readConfig(config, loader);
  } catch (error) {
    const { module, node } = config;
    if (!(error instanceof SourceError) || settingWords.test(textOf(module, node))) throw error;
    const { message, ...rest } = error.toDiagnostic(functionName);
    return {
      ...rest,
      severity: 'warning',
      message: `${message} It is not read.`,
      hint: 'Settings of the function stand in an object literal: `export const config = { … }`. Another name for an object of your own avoids this warning.',
    };
  }
}

function readV2(
  defaultExport: ModuleExport,
  config: ModuleExport | undefined,
  functionName: string,
  loader: ModuleLoader,
): SourceFacts {
  const object =
    defaultExport.expression === undefined
      ? undefined
      : resolveObject(defaultExport.expression, scopeOf(defaultExport, loader));
  if (object === undefined) {
    requireCallable(defaultExport, config !== undefined);
    return {
      authoring: 2,
      config: config === undefined ? undefined : readConfig(config, loader),
      wrapperSchedule: undefined,
      streaming: true,
      eventHandlers: [],
      diagnostics: [],
    };
  }
  const handlers = readHandlerObject(object, functionName);
  requireHandler(object, handlers, config !== undefined);
  const inline = handlers.config;
  const isTwice = config !== undefined && inline !== undefined;
  return {
    authoring: 2,
    config: config === undefined ? inlineConfig(inline) : readConfig(config, loader),
    wrapperSchedule: undefined,
    streaming: true,
    eventHandlers: handlers.slugs,
    diagnostics: isTwice
      ? [...handlers.diagnostics, configTwice(config, functionName)]
      : handlers.diagnostics,
  };
}

function scopeOf({ module }: ModuleExport, loader: ModuleLoader): Scope {
  return { loader, module, visiting: new Set() };
}

function readConfig(target: ModuleExport, loader: ModuleLoader): StaticValue {
  if (target.expression === undefined) {
    throw new SourceError(
      'CONFIG_NOT_STATIC',
      '`config` is not an object that can be read without running the function.',
      spanOf(target.module, target.node),
      'Write `export const config = { … }` in the function itself, or re-export it from a local file.',
    );
  }
  return requireObject(evaluate(target.expression, scopeOf(target, loader)));
}

function inlineConfig(config: HandlerObject['config']): StaticValue | undefined {
  return config === undefined
    ? undefined
    : requireObject(evaluate(config.expression, config.scope));
}

function requireObject(value: StaticValue): StaticValue {
  if (value.kind === 'object') return value;
  throw new SourceError(
    'CONFIG_INVALID',
    '`config` must be an object.',
    value.span,
    'Write `export const config = { … }`.',
  );
}

function configTwice({ module, node }: ModuleExport, functionName: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'CONFIG_TWICE',
    message:
      'Both `export const config` and `config` in the default export are set; the exported one counts.',
    hint: 'Keep one of them.',
    location: locationOf(spanOf(module, node)),
    functionName,
  };
}

/** @throws {NoHandlerError} When the default export certainly cannot be called */
function requireCallable({ module, expression, node }: ModuleExport, isMeant: boolean): void {
  const value = expression === undefined ? node : unwrap(expression);
  if (!uncallable.has(value.type)) return;
  throw new NoHandlerError(
    'EXPORT_INVALID',
    'The default export must be a function, or an object with `fetch` or event handlers.',
    spanOf(module, expression ?? node),
    { hint: whatToExport, isMeant },
  );
}

function missingExport(module: SourceModule, loader: ModuleLoader): SourceError {
  const { names, unknown } = exportNames(module, loader);
  const [fromPackage] = unknown;
  const span = spanOf(module, { start: 0, end: 1 });
  if (fromPackage !== undefined) {
    return new SourceError(
      'EXPORT_MISSING',
      `What \`export *\` from "${fromPackage}" brings cannot be read, and there is neither a default export nor a \`handler\`.`,
      span,
      `Name it: \`export { handler } from '${fromPackage}'\` or \`export { default } from '${fromPackage}'\`.`,
    );
  }
  const meant = names.find((name) => didYouMean(name, ['handler', 'default']) !== undefined);
  const found =
    names.length === 0
      ? 'it exports nothing'
      : `it exports ${names.map((name) => `\`${name}\``).join(', ')}`;
  return new NoHandlerError(
    'EXPORT_MISSING',
    `${path.basename(module.file)} is not a function: ${found}, neither a default export nor a \`handler\`.`,
    span,
    {
      hint:
        meant === undefined
          ? whatToExport
          : `Did you mean \`${didYouMean(meant, ['handler', 'default']) ?? ''}\` instead of \`${meant}\`?`,
      isMeant: meant !== undefined || names.includes('config'),
    },
  );
}
