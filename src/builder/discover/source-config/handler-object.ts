import type { Expression, ObjectExpression } from 'oxc-parser';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';
import { propertyName } from './evaluate.ts';
import { eventHandlerSlugs } from './event-handlers.ts';
import { resolveExport } from './module-exports.ts';
import type { Scope } from './resolve-name.ts';
import { NoHandlerError, locationOf, type Span } from './source-error.ts';
import { spanOf } from './source-module.ts';
import { frozenArgument, unwrap } from './syntax.ts';

/** An object literal, and the scope in which its names are looked up. */
export interface ObjectInScope {
  readonly expression: ObjectExpression;
  readonly scope: Scope;
}

/** The parts of a default-export object: `{ fetch, <event handlers>, config }`. */
export interface HandlerObject {
  /** The slugs of the events that the object handles, including `fetch`. */
  readonly slugs: readonly string[];
  /** The names of members that are neither handlers nor `config`. */
  readonly others: readonly string[];
  /** Whether the object spreads a value that cannot be read, so that it may have more members. */
  readonly isOpen: boolean;
  readonly config: { readonly expression: Expression; readonly scope: Scope } | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Follows an expression through constants and `Object.freeze` to an object literal; undefined when
 * the value is something else.
 */
export function resolveObject(expression: Expression, scope: Scope): ObjectInScope | undefined {
  const inner = unwrap(expression);
  switch (inner.type) {
    case 'ObjectExpression':
      return { expression: inner, scope };
    case 'CallExpression': {
      const argument = frozenArgument(inner, scope.module);
      return argument === undefined ? undefined : resolveObject(argument, scope);
    }
    case 'Identifier':
      return resolveObjectOfName(inner.name, scope);
    default:
      return undefined;
  }
}

function resolveObjectOfName(name: string, scope: Scope): ObjectInScope | undefined {
  const key = `${scope.module.file}\0${name}`;
  const binding = scope.module.bindings.get(name);
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

/** Reads the events that an object handles, and its configuration. */
export function readHandlerObject(
  { expression, scope }: ObjectInScope,
  functionName: string,
): HandlerObject {
  const slugs = new Set<string>();
  const others: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let config: HandlerObject['config'];
  let isOpen = false;
  for (const property of expression.properties) {
    if (property.type === 'SpreadElement') {
      const spread = resolveObject(property.argument, scope);
      if (spread === undefined) {
        isOpen = true;
        diagnostics.push(unreadableSpread(spanOf(scope.module, property), functionName));
        continue;
      }
      const inner = readHandlerObject(spread, functionName);
      for (const slug of inner.slugs) slugs.add(slug);
      others.push(...inner.others);
      diagnostics.push(...inner.diagnostics);
      isOpen ||= inner.isOpen;
      config = inner.config ?? config;
      continue;
    }
    const name = propertyName(property, scope);
    const slug = Object.hasOwn(eventHandlerSlugs, name) ? eventHandlerSlugs[name] : undefined;
    if (slug !== undefined) slugs.add(slug);
    else if (name === 'config') config = { expression: property.value, scope };
    else others.push(name);
  }
  return { slugs: [...slugs], others, isOpen, config, diagnostics };
}

/**
 * @param isMeant Whether the module exports a `config`, which only functions have
 * @throws {NoHandlerError} `EXPORT_MISSING`, when the object certainly has no handler
 */
export function requireHandler(
  { expression, scope }: ObjectInScope,
  { slugs, others, isOpen, config }: HandlerObject,
  isMeant: boolean,
): void {
  if (slugs.length > 0 || isOpen) return;
  const known = Object.keys(eventHandlerSlugs);
  const misspelt = others.find((name) => didYouMean(name, known) !== undefined);
  throw new NoHandlerError(
    'EXPORT_MISSING',
    'The default export is an object without `fetch` and without an event handler.',
    spanOf(scope.module, expression),
    {
      hint:
        misspelt === undefined
          ? `Give it one of: ${known.join(', ')}.`
          : `It has \`${misspelt}\`: did you mean \`${didYouMean(misspelt, known) ?? ''}\`?`,
      isMeant: isMeant || misspelt !== undefined || config !== undefined,
    },
  );
}

function unreadableSpread(span: Span, functionName: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'HANDLERS_NOT_STATIC',
    message:
      'What this spread brings cannot be read: event handlers and `config` in it have no effect.',
    hint: 'Write the event handlers and `config` into the default export itself.',
    location: locationOf(span),
    functionName,
  };
}
