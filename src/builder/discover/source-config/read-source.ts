import path from 'node:path';
import type { CallExpression, Expression, ObjectExpression } from 'oxc-parser';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';
import { locate } from '../../../diagnostic/locate.ts';
import { evaluate, propertyName, unwrap, type Scope } from './evaluate.ts';
import { eventHandlerSlugs } from './event-handlers.ts';
import {
  exportNames,
  requiredSpecifier,
  resolveExport,
  type ModuleExport,
} from './module-exports.ts';
import { SourceError } from './source-error.ts';
import { spanOf, type ModuleLoader, type SourceModule } from './source-module.ts';
import type { StaticValue } from './static-value.ts';

/** What a function's source says about it, read from the syntax tree. */
export interface SourceFacts {
  /** 1 exports `handler`, 2 has a default export and no `handler`. */
  readonly authoring: 1 | 2;
  /** The in-source configuration; absent when there is none. */
  readonly config?: StaticValue;
  /** The cron expression of a v1 `schedule(…, handler)`. */
  readonly wrapperSchedule?: StaticValue;
  /** The response is streamed: every v2 function, and v1 through `stream(handler)`. */
  readonly streaming: boolean;
  /** Slugs of the default-export object's event handlers; `fetch` among them. */
  readonly eventHandlers: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const whatToExport =
  'Export a function as default (`export default async (request) => new Response("…")`) or a v1 `handler` (`export const handler = async (event) => …`).';
const wrappersPackage = '@netlify/functions';

/**
 * Reads one function's source.
 *
 * @throws {SourceError} On a syntax error, a missing export or configuration that only running the
 *   program would tell
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
  const configExport = resolveExport(module, 'config', loader);
  const scopeOf = (target: ModuleExport): Scope => ({
    loader,
    module: target.module,
    visiting: new Set(),
  });

  if (handler !== undefined) {
    const wrapper =
      handler.expression === undefined
        ? undefined
        : readWrapper(handler.expression, scopeOf(handler));
    return {
      authoring: 1,
      ...(configExport === undefined
        ? {}
        : { config: readConfig(configExport, scopeOf(configExport)) }),
      ...(wrapper?.schedule === undefined ? {} : { wrapperSchedule: wrapper.schedule }),
      streaming: wrapper?.name === 'stream',
      eventHandlers: [],
      diagnostics: [],
    };
  }
  if (defaultExport === undefined) throw missingExport(module, loader);

  const diagnostics: Diagnostic[] = [];
  const object =
    defaultExport.expression === undefined
      ? undefined
      : resolveObject(defaultExport.expression, scopeOf(defaultExport));
  if (object === undefined) checkCallable(defaultExport);
  const inspected =
    object === undefined
      ? undefined
      : readHandlerObject(object.expression, object.scope, functionName, diagnostics);
  if (object !== undefined && inspected !== undefined) {
    requireHandler(object.expression, object.scope.module, inspected);
  }
  const inline = inspected?.config;
  if (configExport !== undefined && inline !== undefined) {
    const span = spanOf(configExport.module, configExport.node);
    diagnostics.push({
      severity: 'warning',
      code: 'CONFIG_TWICE',
      message:
        'Both `export const config` and `config` in the default export are set; the exported one counts.',
      hint: 'Keep one of them.',
      location: locate(span.file, span.source, span.start, span.end),
      functionName,
    });
  }
  const config =
    configExport === undefined ? inline?.() : readConfig(configExport, scopeOf(configExport));
  return {
    authoring: 2,
    ...(config === undefined ? {} : { config }),
    streaming: true,
    eventHandlers: inspected?.slugs ?? [],
    diagnostics,
  };
}

function readConfig(target: ModuleExport, scope: Scope): StaticValue {
  const span = spanOf(target.module, target.node);
  if (target.expression === undefined) {
    throw new SourceError(
      'CONFIG_NOT_STATIC',
      '`config` is not an object that can be read without running the function.',
      span,
      'Write `export const config = { … }` in the function itself, or re-export it from a local file.',
    );
  }
  return requireObject(evaluate(target.expression, scope));
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

/**
 * The object literal behind an expression, through constants and `Object.freeze`; undefined when it
 * is something else.
 */
function resolveObject(
  expression: Expression,
  scope: Scope,
): { expression: ObjectExpression; scope: Scope } | undefined {
  const inner = unwrap(expression);
  if (inner.type === 'ObjectExpression') return { expression: inner, scope };
  if (inner.type === 'CallExpression') {
    const [argument] = inner.arguments;
    const isFreeze = /^Object\s*\.\s*(?:freeze|seal)$/.test(
      scope.module.source.slice(inner.callee.start, inner.callee.end),
    );
    return isFreeze && argument !== undefined && argument.type !== 'SpreadElement'
      ? resolveObject(argument, scope)
      : undefined;
  }
  if (inner.type !== 'Identifier') return undefined;
  const key = `${scope.module.file}\0${inner.name}`;
  const binding = scope.module.bindings.get(inner.name);
  if (scope.visiting.has(key) || binding === undefined) return undefined;
  const next: Scope = { ...scope, visiting: new Set([...scope.visiting, key]) };
  if (binding.kind === 'variable') {
    return binding.init === null ? undefined : resolveObject(binding.init, next);
  }
  if (binding.kind !== 'import') return undefined;
  const target = scope.loader.follow(scope.module, binding.specifier);
  const found =
    target === undefined ? undefined : resolveExport(target, binding.imported, scope.loader);
  return found?.expression === undefined
    ? undefined
    : resolveObject(found.expression, { ...next, module: found.module });
}

interface HandlerObject {
  readonly slugs: readonly string[];
  /** Names that are neither a handler nor `config`. */
  readonly others: readonly string[];
  /** It spreads something that cannot be read, and may hold more than is known. */
  readonly isOpen: boolean;
  readonly config: (() => StaticValue) | undefined;
}

/** `{ fetch, <event handlers>, config }`: which events it handles, and its configuration. */
function readHandlerObject(
  object: ObjectExpression,
  scope: Scope,
  functionName: string,
  diagnostics: Diagnostic[],
): HandlerObject {
  const slugs: string[] = [];
  const others: string[] = [];
  let config: (() => StaticValue) | undefined;
  let isOpen = false;
  for (const property of object.properties) {
    if (property.type === 'SpreadElement') {
      const spread = resolveObject(property.argument, scope);
      if (spread === undefined) {
        isOpen = true;
        const { file, source, start, end } = spanOf(scope.module, property);
        diagnostics.push({
          severity: 'warning',
          code: 'HANDLERS_NOT_STATIC',
          message:
            'What this spread brings cannot be read: event handlers and `config` in it have no effect.',
          hint: 'Write the event handlers and `config` into the default export itself.',
          location: locate(file, source, start, end),
          functionName,
        });
        continue;
      }
      const inner = readHandlerObject(spread.expression, spread.scope, functionName, diagnostics);
      slugs.push(...inner.slugs);
      others.push(...inner.others);
      isOpen ||= inner.isOpen;
      config = inner.config ?? config;
      continue;
    }
    const name = propertyName(property, scope);
    const slug = Object.hasOwn(eventHandlerSlugs, name) ? eventHandlerSlugs[name] : undefined;
    if (slug !== undefined) slugs.push(slug);
    else if (name === 'config') config = () => requireObject(evaluate(property.value, scope));
    else others.push(name);
  }
  return { slugs: [...new Set(slugs)], others, isOpen, config };
}

function requireHandler(
  object: ObjectExpression,
  module: SourceModule,
  { slugs, others, isOpen }: HandlerObject,
): void {
  if (slugs.length > 0 || isOpen) return;
  const known = Object.keys(eventHandlerSlugs);
  const misspelt = others.find((name) => didYouMean(name, known) !== undefined);
  throw new SourceError(
    'EXPORT_MISSING',
    'The default export is an object without `fetch` and without an event handler.',
    spanOf(module, object),
    misspelt === undefined
      ? `Give it one of: ${known.join(', ')}.`
      : `It has \`${misspelt}\`: did you mean \`${didYouMean(misspelt, known) ?? ''}\`?`,
  );
}

function checkCallable(target: ModuleExport): void {
  const type = target.expression === undefined ? undefined : unwrap(target.expression).type;
  if (type === 'Literal' || type === 'TemplateLiteral' || type === 'ArrayExpression') {
    throw new SourceError(
      'EXPORT_INVALID',
      'The default export must be a function, or an object with `fetch` or event handlers.',
      spanOf(target.module, target.expression ?? target.node),
      whatToExport,
    );
  }
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
  return new SourceError(
    'EXPORT_MISSING',
    `${path.basename(module.file)} is not a function: ${found}, neither a default export nor a \`handler\`.`,
    span,
    meant === undefined
      ? `${whatToExport} A file of helpers belongs into another directory.`
      : `Did you mean \`${didYouMean(meant, ['handler', 'default']) ?? ''}\` instead of \`${meant}\`?`,
  );
}

/** A v1 handler made by `schedule`, `stream` or `builder` of @netlify/functions. */
function readWrapper(
  expression: Expression,
  scope: Scope,
): { name: string; schedule?: StaticValue } | undefined {
  let call = unwrap(expression);
  if (call.type === 'Identifier') {
    const binding = scope.module.bindings.get(call.name);
    if (binding?.kind !== 'variable' || binding.init === null) return undefined;
    call = unwrap(binding.init);
  }
  if (call.type !== 'CallExpression') return undefined;
  const name = wrapperName(call, scope.module);
  if (name !== 'schedule') return name === undefined ? undefined : { name };
  const [cron] = call.arguments;
  if (cron === undefined || cron.type === 'SpreadElement') {
    throw new SourceError(
      'CONFIG_NOT_STATIC',
      '`schedule` needs a cron expression as its first argument.',
      spanOf(scope.module, call),
      "Write `schedule('0 8 * * *', handler)`.",
    );
  }
  return { name, schedule: evaluate(cron, scope) };
}

function wrapperName({ callee }: CallExpression, module: SourceModule): string | undefined {
  if (callee.type === 'Identifier') {
    const binding = module.bindings.get(callee.name);
    if (binding?.kind === 'import' && binding.specifier === wrappersPackage) {
      return binding.imported;
    }
    if (
      binding?.kind === 'destructured' &&
      requiredSpecifier(unwrap(binding.init)) === wrappersPackage
    ) {
      return binding.property;
    }
    if (binding?.kind !== 'variable' || binding.init === null) return undefined;
    // const schedule = require('@netlify/functions').schedule
    const init = unwrap(binding.init);
    return init.type === 'MemberExpression' &&
      init.property.type === 'Identifier' &&
      requiredSpecifier(unwrap(init.object)) === wrappersPackage
      ? init.property.name
      : undefined;
  }
  // Compilers write `(0, functions_1.schedule)(…)`.
  const inner = unwrap(callee);
  const member = inner.type === 'SequenceExpression' ? inner.expressions.at(-1) : inner;
  if (member?.type !== 'MemberExpression' || member.property.type !== 'Identifier') {
    return undefined;
  }
  const object = unwrap(member.object);
  if (requiredSpecifier(object) === wrappersPackage) return member.property.name;
  const binding = object.type === 'Identifier' ? module.bindings.get(object.name) : undefined;
  if (binding?.kind === 'import') {
    return binding.specifier === wrappersPackage ? member.property.name : undefined;
  }
  if (binding?.kind !== 'variable' || binding.init === null) return undefined;
  const init = unwrap(binding.init);
  // `__importStar(require(…))` and `__importDefault(require(…))` of TypeScript's output.
  const [wrapped] = init.type === 'CallExpression' ? init.arguments : [];
  const isRequired =
    requiredSpecifier(init) === wrappersPackage ||
    (wrapped !== undefined &&
      wrapped.type !== 'SpreadElement' &&
      requiredSpecifier(wrapped) === wrappersPackage);
  return isRequired ? member.property.name : undefined;
}
