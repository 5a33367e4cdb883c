import type { CallExpression, Expression } from 'oxc-parser';
import type { Binding } from './bindings.ts';
import { evaluate } from './evaluate.ts';
import type { Scope } from './resolve-name.ts';
import { SourceError } from './source-error.ts';
import { spanOf, type SourceModule } from './source-module.ts';
import type { StaticValue } from './static-value.ts';
import { requiredSpecifier, unwrap } from './syntax.ts';

const wrappersPackage = '@netlify/functions';

/** The call of @netlify/functions that makes a v1 handler: `schedule`, `stream` or `builder`. */
export interface Wrapper {
  readonly name: string;
  /** The cron expression of `schedule`. */
  readonly schedule: StaticValue | undefined;
}

/** The wrapper around a handler; undefined for a handler without wrapper. */
export function readWrapper(expression: Expression, scope: Scope): Wrapper | undefined {
  const call = unwrap(valueOf(expression, scope.module) ?? expression);
  if (call.type !== 'CallExpression') return undefined;
  const name = wrapperName(call, scope.module);
  if (name === undefined) return undefined;
  return { name, schedule: name === 'schedule' ? scheduleOf(call, scope) : undefined };
}

function scheduleOf(call: CallExpression, scope: Scope): StaticValue {
  const [cron] = call.arguments;
  if (cron === undefined || cron.type === 'SpreadElement') {
    throw new SourceError(
      'CONFIG_NOT_STATIC',
      '`schedule` needs a cron expression as its first argument.',
      spanOf(scope.module, call),
      "Write `schedule('0 8 * * *', handler)`.",
    );
  }
  return evaluate(cron, scope);
}

/**
 * The name under which @netlify/functions exports the called function, however the package is
 * imported; undefined for calls of other functions.
 */
function wrapperName({ callee }: CallExpression, module: SourceModule): string | undefined {
  if (callee.type === 'Identifier') return nameOfBinding(module.bindings.get(callee.name));
  // Compilers write `(0, functions_1.schedule)(…)`.
  const inner = unwrap(callee);
  const member = inner.type === 'SequenceExpression' ? inner.expressions.at(-1) : inner;
  if (member?.type !== 'MemberExpression' || member.property.type !== 'Identifier') {
    return undefined;
  }
  return isWrappersPackage(unwrap(member.object), module) ? member.property.name : undefined;
}

function nameOfBinding(binding: Binding | undefined): string | undefined {
  switch (binding?.kind) {
    case 'import':
      return binding.specifier === wrappersPackage ? binding.imported : undefined;
    case 'destructured':
      return isRequired(binding.init) ? binding.property : undefined;
    case 'variable': {
      // `const schedule = require('@netlify/functions').schedule`
      const init = binding.init === null ? undefined : unwrap(binding.init);
      return init?.type === 'MemberExpression' &&
        init.property.type === 'Identifier' &&
        isRequired(init.object)
        ? init.property.name
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether an expression is @netlify/functions as a whole, or a name of it. */
function isWrappersPackage(object: Expression, { bindings }: SourceModule): boolean {
  if (isRequired(object)) return true;
  const binding = object.type === 'Identifier' ? bindings.get(object.name) : undefined;
  if (binding?.kind === 'import') return binding.specifier === wrappersPackage;
  if (binding?.kind !== 'variable' || binding.init === null) return false;
  const init = unwrap(binding.init);
  if (isRequired(init)) return true;
  // TypeScript writes `__importStar(require(…))` and `__importDefault(require(…))`.
  const [wrapped] = init.type === 'CallExpression' ? init.arguments : [];
  return wrapped !== undefined && wrapped.type !== 'SpreadElement' && isRequired(wrapped);
}

function isRequired(expression: Expression): boolean {
  return requiredSpecifier(unwrap(expression)) === wrappersPackage;
}

/** The initial value of the variable that an expression names. */
function valueOf(expression: Expression, { bindings }: SourceModule): Expression | undefined {
  const named = unwrap(expression);
  const binding = named.type === 'Identifier' ? bindings.get(named.name) : undefined;
  return binding?.kind === 'variable' ? (binding.init ?? undefined) : undefined;
}
