import type {
  ArrayExpression,
  BinaryExpression,
  CallExpression,
  Expression,
  MemberExpression,
  Node,
  ObjectExpression,
  PrivateInExpression,
  PropertyKey,
  TSEnumDeclaration,
  TemplateLiteral,
  UnaryExpression,
} from 'oxc-parser';
import { findMutation } from './find-mutation.ts';
import { resolveExport } from './module-exports.ts';
import { SourceError, type Span } from './source-error.ts';
import { spanOf, type ModuleLoader, type SourceModule } from './source-module.ts';
import { type StaticMember, type StaticValue, toPlain } from './static-value.ts';

type Primitive = string | number | boolean | null | undefined;

/** Where names are looked up. `visiting` ends circles of constants and modules. */
export interface Scope {
  readonly loader: ModuleLoader;
  readonly module: SourceModule;
  readonly visiting: ReadonlySet<string>;
}

const writeLiteral =
  'Write the value itself: `config` is read without running the function, so it may only hold literals, constants and what is made of them.';

/**
 * The value of an expression without running it: literals, arrays, objects, spreads, template
 * literals, operators, constants of this file and of local files it imports, enums and
 * `Object.freeze`.
 *
 * @throws {SourceError} Code `CONFIG_NOT_STATIC`, at the part that only running the program would
 *   tell
 */
export function evaluate(expression: Expression, scope: Scope): StaticValue {
  const span = spanOf(scope.module, expression);
  switch (expression.type) {
    case 'Literal':
      if (typeof expression.value === 'object' && expression.value !== null) {
        throw notStatic(span, 'A regular expression is no configuration value');
      }
      if (typeof expression.value === 'bigint') {
        throw notStatic(
          span,
          'A bigint is no configuration value',
          `Write ${String(expression.value)} without the "n".`,
        );
      }
      return primitive(expression.value, span);
    case 'TemplateLiteral':
      return primitive(templateText(expression, scope), span);
    case 'ArrayExpression':
      return { kind: 'array', items: arrayItems(expression, scope), span };
    case 'ObjectExpression':
      return { kind: 'object', members: objectMembers(expression, scope), span };
    case 'Identifier':
      return evaluateName(expression.name, span, scope);
    case 'MemberExpression':
      return evaluateMember(expression, scope);
    case 'UnaryExpression':
      return primitive(unary(expression, scope), span);
    case 'BinaryExpression':
      return primitive(binary(expression, scope), span);
    case 'LogicalExpression': {
      const left = evaluate(expression.left, scope);
      const plain = toPlain(left);
      const takeRight =
        expression.operator === '&&'
          ? Boolean(plain)
          : expression.operator === '||'
            ? !plain
            : plain === null || plain === undefined;
      return takeRight ? evaluate(expression.right, scope) : left;
    }
    case 'ConditionalExpression':
      return evaluate(
        toPlain(evaluate(expression.test, scope)) ? expression.consequent : expression.alternate,
        scope,
      );
    case 'CallExpression':
      return evaluateCall(expression, span, scope);
    default: {
      const inner = unwrap(expression);
      if (inner !== expression) return evaluate(inner, scope);
      throw notStatic(span, `${describeNode(expression)} is known only when the function runs`);
    }
  }
}

/** Takes off parentheses and TypeScript's `as`, `satisfies`, `<T>` and `!`. */
export function unwrap(expression: Expression): Expression {
  let current = expression;
  while (
    current.type === 'ParenthesizedExpression' ||
    current.type === 'TSAsExpression' ||
    current.type === 'TSSatisfiesExpression' ||
    current.type === 'TSTypeAssertion' ||
    current.type === 'TSNonNullExpression'
  ) {
    current = current.expression;
  }
  return current;
}

/** The name of a property that is written out: `a`, `'a'`, `0`, or `[x]` with a static `x`. */
export function propertyName(
  property: { readonly key: PropertyKey; readonly computed: boolean },
  scope: Scope,
): string {
  const { key, computed } = property;
  if (!computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal') return String(key.value);
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return String(primitiveOf(evaluate(key, scope)));
}

function evaluateName(name: string, span: Span, scope: Scope): StaticValue {
  if (name === 'undefined') return primitive(undefined, span);
  const { module, loader } = scope;
  const binding = module.bindings.get(name);
  const key = `${module.file}\0${name}`;
  if (scope.visiting.has(key)) throw notStatic(span, `\`${name}\` is defined by itself`);
  const inner: Scope = { ...scope, visiting: new Set([...scope.visiting, key]) };
  if (binding === undefined) {
    throw notStatic(
      span,
      name === 'process'
        ? '`process` is known only when the function runs'
        : `\`${name}\` is not defined in this file`,
    );
  }
  switch (binding.kind) {
    case 'variable': {
      const mutation = findMutation(module, name, binding.node.start);
      if (mutation !== undefined) {
        throw notStatic(
          spanOf(module, mutation),
          `\`${name}\` is changed after its declaration`,
          'Give it its final value where it is declared.',
        );
      }
      if (binding.init === null) throw notStatic(span, `\`${name}\` has no value`);
      return moved(evaluate(binding.init, inner), span);
    }
    case 'destructured': {
      const outer = evaluate(binding.init, inner);
      const member =
        outer.kind === 'object' ? outer.members.get(binding.property)?.value : undefined;
      return member ?? primitive(undefined, span);
    }
    case 'enum':
      return enumValue(binding.declaration, inner);
    case 'import':
      return evaluateImport(binding.specifier, binding.imported, span, {
        loader,
        module,
        visiting: inner.visiting,
      });
    case 'function':
    case 'class':
      throw notStatic(span, `\`${name}\` is a ${binding.kind}, not a value`);
  }
}

/**
 * A primitive used by name is located where it is used, which is the line an author looks at first;
 * larger values keep their own places.
 */
function moved(value: StaticValue, span: Span): StaticValue {
  return value.kind === 'primitive' ? { ...value, span } : value;
}

/** The value of an export of a local module. */
function evaluateImport(
  specifier: string,
  imported: string,
  span: Span,
  scope: Scope,
): StaticValue {
  const target = scope.loader.follow(scope.module, specifier);
  if (target === undefined) {
    const local = specifier.startsWith('.');
    throw notStatic(
      span,
      local
        ? `"${specifier}" does not exist`
        : `"${specifier}" is not a file of this project that a relative path or tsconfig.json's \`paths\` name`,
      local ? 'Correct the path of the import.' : writeLiteral,
    );
  }
  if (imported === '*') {
    throw notStatic(span, 'A whole module is no configuration value', 'Name one of its exports.');
  }
  const found = resolveExport(target, imported, scope.loader);
  if (found === undefined) throw notStatic(span, `"${specifier}" has no export \`${imported}\``);
  if (found.expression === undefined) {
    throw notStatic(span, `\`${imported}\` of "${specifier}" is not a value that can be read`);
  }
  return moved(evaluate(found.expression, { ...scope, module: found.module }), span);
}

function evaluateMember(expression: MemberExpression, scope: Scope): StaticValue {
  const span = spanOf(scope.module, expression);
  const { object, property } = expression;
  if (property.type === 'PrivateIdentifier') {
    throw notStatic(span, 'A private field is known only when the function runs');
  }
  const isEnvironment =
    object.type === 'MemberExpression' &&
    scope.module.source.slice(object.start, object.end).replaceAll(/\s/g, '') === 'process.env';
  if (isEnvironment) {
    throw notStatic(
      span,
      `\`${scope.module.source.slice(expression.start, expression.end)}\` is known only when the function runs`,
      `${writeLiteral} What differs between deployments belongs into netlify.toml or into the function's body.`,
    );
  }
  const name = expression.computed
    ? String(primitiveOf(evaluate(property, scope)))
    : property.type === 'Identifier'
      ? property.name
      : '';
  if (object.type === 'Identifier') {
    const binding = scope.module.bindings.get(object.name);
    if (binding?.kind === 'import' && binding.imported === '*') {
      return evaluateImport(binding.specifier, name, span, scope);
    }
  }
  const outer = evaluate(object, scope);
  const found =
    outer.kind === 'array'
      ? outer.items[Number(name)]
      : outer.kind === 'object'
        ? outer.members.get(name)?.value
        : undefined;
  if (found === undefined) {
    throw notStatic(
      span,
      `\`${scope.module.source.slice(expression.start, expression.end)}\` has no value that can be read`,
    );
  }
  return moved(found, span);
}

function evaluateCall(expression: CallExpression, span: Span, scope: Scope): StaticValue {
  const callee = scope.module.source.slice(expression.callee.start, expression.callee.end);
  const [argument] = expression.arguments;
  if (
    (callee === 'Object.freeze' || callee === 'Object.seal') &&
    argument !== undefined &&
    argument.type !== 'SpreadElement'
  ) {
    return evaluate(argument, scope);
  }
  throw notStatic(
    span,
    `The call of \`${callee.length > 40 ? `${callee.slice(0, 37)}…` : callee}\` is known only when the function runs`,
  );
}

function templateText(expression: TemplateLiteral, scope: Scope): string {
  let text = '';
  for (const [index, quasi] of expression.quasis.entries()) {
    text += quasi.value.cooked ?? '';
    const inserted = expression.expressions[index];
    if (inserted !== undefined) text += String(primitiveOf(evaluate(inserted, scope)));
  }
  return text;
}

function arrayItems(expression: ArrayExpression, scope: Scope): StaticValue[] {
  return expression.elements.flatMap((element) => {
    if (element === null) throw notStatic(spanOf(scope.module, expression), 'The array has a hole');
    if (element.type !== 'SpreadElement') return [evaluate(element, scope)];
    const spread = evaluate(element.argument, scope);
    if (spread.kind !== 'array') {
      throw notStatic(spanOf(scope.module, element), 'Only an array can be spread here');
    }
    return spread.items;
  });
}

function objectMembers(expression: ObjectExpression, scope: Scope): Map<string, StaticMember> {
  const members = new Map<string, StaticMember>();
  for (const property of expression.properties) {
    if (property.type === 'SpreadElement') {
      const spread = evaluate(property.argument, scope);
      if (spread.kind === 'object') {
        for (const [name, member] of spread.members) members.set(name, member);
      } else if (spread.kind === 'array') {
        throw notStatic(
          spanOf(scope.module, property),
          'An array cannot be spread into configuration',
        );
      }
      continue;
    }
    if (property.kind !== 'init' || property.method) {
      throw notStatic(
        spanOf(scope.module, property),
        'A getter or method is known only when the function runs',
      );
    }
    members.set(propertyName(property, scope), {
      key: spanOf(scope.module, property.key),
      value: evaluate(property.value, scope),
    });
  }
  return members;
}

function unary(expression: UnaryExpression, scope: Scope): Primitive {
  const value = primitiveOf(evaluate(expression.argument, scope));
  switch (expression.operator) {
    case '-':
      return -Number(value);
    case '+':
      return Number(value);
    case '!':
      return !value;
    case '~':
      return ~Number(value);
    case 'void':
      return undefined;
    case 'typeof':
    case 'delete':
      throw notStatic(
        spanOf(scope.module, expression),
        `\`${expression.operator}\` is known only when the function runs`,
      );
  }
}

function binary(expression: BinaryExpression | PrivateInExpression, scope: Scope): Primitive {
  if (expression.left.type === 'PrivateIdentifier') {
    throw notStatic(
      spanOf(scope.module, expression),
      'A private field is known only when the function runs',
    );
  }
  const left = primitiveOf(evaluate(expression.left, scope));
  const right = primitiveOf(evaluate(expression.right, scope));
  switch (expression.operator) {
    case '+':
      return typeof left === 'string' || typeof right === 'string'
        ? `${String(left)}${String(right)}`
        : Number(left) + Number(right);
    case '-':
      return Number(left) - Number(right);
    case '*':
      return Number(left) * Number(right);
    case '/':
      return Number(left) / Number(right);
    case '%':
      return Number(left) % Number(right);
    case '**':
      return Number(left) ** Number(right);
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    default:
      throw notStatic(
        spanOf(scope.module, expression),
        `The operator \`${expression.operator}\` is not read in configuration`,
      );
  }
}

function enumValue(declaration: TSEnumDeclaration, scope: Scope): StaticValue {
  const members = new Map<string, StaticMember>();
  let next: Primitive = 0;
  for (const member of declaration.body.members) {
    const span = spanOf(scope.module, member);
    const name =
      member.id.type === 'Identifier'
        ? member.id.name
        : member.id.type === 'Literal'
          ? member.id.value
          : '';
    const value: Primitive =
      member.initializer === null ? next : primitiveOf(evaluate(member.initializer, scope));
    members.set(name, { key: span, value: primitive(value, span) });
    next = typeof value === 'number' ? value + 1 : undefined;
  }
  return { kind: 'object', members, span: spanOf(scope.module, declaration) };
}

function primitive(value: Primitive, span: Span): StaticValue {
  return { kind: 'primitive', value, span };
}

function primitiveOf(value: StaticValue): Primitive {
  if (value.kind === 'primitive') return value.value;
  throw notStatic(value.span, `An ${value.kind} cannot stand here`);
}

function notStatic(span: Span, message: string, hint: string = writeLiteral): SourceError {
  return new SourceError('CONFIG_NOT_STATIC', `${message}.`, span, hint);
}

function describeNode(node: Node): string {
  switch (node.type) {
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return 'A function';
    case 'AwaitExpression':
      return '`await`';
    case 'NewExpression':
      return 'An object made by `new`';
    case 'ImportExpression':
      return 'A dynamic import';
    case 'TaggedTemplateExpression':
      return 'A tagged template';
    case 'ChainExpression':
      return 'An optional chain';
    default:
      return 'This';
  }
}
