import type {
  ArrayExpression,
  BinaryExpression,
  CallExpression,
  Expression,
  MemberExpression,
  ObjectExpression,
  PrivateIdentifier,
  PrivateInExpression,
  PropertyKey,
  TSEnumDeclaration,
  TSEnumMember,
  TemplateLiteral,
  UnaryExpression,
} from 'oxc-parser';
import { describeNode, notStatic, writeLiteral } from './not-static.ts';
import { applyBinary, applyUnary, takesRight } from './operators.ts';
import { resolveImport, resolveName, type Referent, type Scope } from './resolve-name.ts';
import type { Span } from './source-error.ts';
import { spanOf } from './source-module.ts';
import {
  memberOf,
  primitive,
  toPlain,
  type Primitive,
  type StaticMember,
  type StaticValue,
} from './static-value.ts';
import { frozenArgument, textOf, unwrap } from './syntax.ts';

/**
 * Computes the value of an expression without running the program. Reads literals, arrays, objects,
 * spreads, template literals, operators, constants of this file and of the local files that it
 * imports, enums and `Object.freeze`.
 *
 * @throws {SourceError} `CONFIG_NOT_STATIC`, at the part whose value is known only when the program
 *   runs
 */
export function evaluate(expression: Expression, scope: Scope): StaticValue {
  const span = spanOf(scope.module, expression);
  switch (expression.type) {
    case 'Literal':
      return primitive(literalValue(expression.value, span), span);
    case 'TemplateLiteral':
      return primitive(templateText(expression, scope), span);
    case 'ArrayExpression':
      return { kind: 'array', items: arrayItems(expression, scope), span };
    case 'ObjectExpression':
      return { kind: 'object', members: objectMembers(expression, scope), span };
    case 'Identifier':
      return expression.name === 'undefined'
        ? primitive(undefined, span)
        : evaluateReferent(resolveName(expression.name, span, scope), span);
    case 'MemberExpression':
      return evaluateMember(expression, scope);
    case 'UnaryExpression':
      return primitive(unary(expression, scope), span);
    case 'BinaryExpression':
      return primitive(binary(expression, scope), span);
    case 'LogicalExpression': {
      const left = evaluate(expression.left, scope);
      return takesRight(expression.operator, toPlain(left))
        ? evaluate(expression.right, scope)
        : left;
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

/** The name of a property: `a`, `'a'`, `0`, or `[x]` with a static `x`. */
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

/** @param span Where the name is used */
function evaluateReferent(referent: Referent, span: Span): StaticValue {
  const { scope } = referent;
  switch (referent.kind) {
    case 'expression':
      return placedAtUse(evaluate(referent.expression, scope), span);
    case 'property': {
      const outer = evaluate(referent.expression, scope);
      const member = outer.kind === 'object' ? memberOf(outer, referent.property) : undefined;
      return member ?? primitive(undefined, span);
    }
    case 'enum':
      return enumValue(referent.declaration, scope);
  }
}

/**
 * Moves a primitive to the place where it is used by name, because that is the line that an author
 * looks at first. Arrays and objects keep the places where they are written.
 */
function placedAtUse(value: StaticValue, span: Span): StaticValue {
  return value.kind === 'primitive' ? { ...value, span } : value;
}

function evaluateMember(expression: MemberExpression, scope: Scope): StaticValue {
  const { module } = scope;
  const span = spanOf(module, expression);
  const { object, property, computed } = expression;
  if (property.type === 'PrivateIdentifier') {
    throw notStatic(span, 'A private field is known only when the function runs');
  }
  const isEnvironment =
    object.type === 'MemberExpression' &&
    textOf(module, object).replaceAll(/\s/g, '') === 'process.env';
  if (isEnvironment) {
    throw notStatic(
      span,
      `\`${textOf(module, expression)}\` is known only when the function runs`,
      `${writeLiteral} What differs between deployments belongs in netlify.toml or in the function's body.`,
    );
  }
  const name = memberName({ property, computed }, scope);
  const namespace = object.type === 'Identifier' ? module.bindings.get(object.name) : undefined;
  if (namespace?.kind === 'import' && namespace.imported === '*') {
    return evaluateReferent(resolveImport(namespace.specifier, name, span, scope), span);
  }
  const found = memberOf(evaluate(object, scope), name);
  if (found === undefined) {
    throw notStatic(span, `\`${textOf(module, expression)}\` has no value that can be read`);
  }
  return placedAtUse(found, span);
}

/** The name of the member that `object.name` or `object[expression]` reads. */
function memberName(
  member: {
    readonly property: Exclude<MemberExpression['property'], PrivateIdentifier>;
    readonly computed: boolean;
  },
  scope: Scope,
): string {
  const { property, computed } = member;
  if (!computed && property.type === 'Identifier') return property.name;
  return String(primitiveOf(evaluate(property, scope)));
}

function evaluateCall(expression: CallExpression, span: Span, scope: Scope): StaticValue {
  const argument = frozenArgument(expression, scope.module);
  if (argument !== undefined) return evaluate(argument, scope);
  const callee = textOf(scope.module, expression.callee);
  throw notStatic(
    span,
    `The call of \`${callee.length > 40 ? `${callee.slice(0, 37)}…` : callee}\` is known only when the function runs`,
  );
}

function literalValue(value: Primitive | bigint | object, span: Span): Primitive {
  if (typeof value === 'object' && value !== null) {
    throw notStatic(span, 'A regular expression is no configuration value');
  }
  if (typeof value === 'bigint') {
    throw notStatic(
      span,
      'A bigint is no configuration value',
      `Write ${String(value)} without the "n".`,
    );
  }
  return value;
}

function templateText(expression: TemplateLiteral, scope: Scope): string {
  let text = '';
  for (const [index, quasi] of expression.quasis.entries()) {
    // `cooked` is null for invalid escapes, which only tagged templates may have.
    text += quasi.value.cooked ?? quasi.value.raw;
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
  const { operator } = expression;
  const applied = applyUnary(operator, primitiveOf(evaluate(expression.argument, scope)));
  if (applied !== undefined) return applied.value;
  throw notStatic(
    spanOf(scope.module, expression),
    `\`${operator}\` is known only when the function runs`,
  );
}

function binary(expression: BinaryExpression | PrivateInExpression, scope: Scope): Primitive {
  const span = spanOf(scope.module, expression);
  if (expression.left.type === 'PrivateIdentifier') {
    throw notStatic(span, 'A private field is known only when the function runs');
  }
  const left = primitiveOf(evaluate(expression.left, scope));
  const right = primitiveOf(evaluate(expression.right, scope));
  const applied = applyBinary(expression.operator, left, right);
  if (applied !== undefined) return applied.value;
  throw notStatic(span, `The operator \`${expression.operator}\` is not read in configuration`);
}

function enumValue(declaration: TSEnumDeclaration, scope: Scope): StaticValue {
  const members = new Map<string, StaticMember>();
  let next: Primitive = 0;
  for (const member of declaration.body.members) {
    const span = spanOf(scope.module, member);
    const value: Primitive =
      member.initializer === null ? next : primitiveOf(evaluate(member.initializer, scope));
    members.set(enumMemberName(member, scope), { key: span, value: primitive(value, span) });
    next = typeof value === 'number' ? value + 1 : undefined;
  }
  return { kind: 'object', members, span: spanOf(scope.module, declaration) };
}

function enumMemberName({ id }: TSEnumMember, scope: Scope): string {
  switch (id.type) {
    case 'Identifier':
      return id.name;
    case 'Literal':
      return id.value;
    case 'TemplateLiteral':
      return templateText(id, scope);
  }
}

function primitiveOf(value: StaticValue): Primitive {
  if (value.kind === 'primitive') return value.value;
  throw notStatic(value.span, `An ${value.kind} is not allowed here`);
}
