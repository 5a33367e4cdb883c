import {
  argumentsOf,
  isNode,
  isNodeOfType,
  nameOf,
  propertyKey,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import { anyOf, isNoValue } from './alternatives.ts';
import type { Declaration, Origin } from './declarations.ts';
import {
  isCodeValue,
  isConversion,
  arrayOf,
  makesUrl,
  parametersOf,
  propertySources,
  returnedBy,
  templateParts,
} from './expression-forms.ts';
import { memberOfMeta, memberOfModule, valueOfFreeName } from './known-members.ts';
import type { ExportOrigin } from './module-exports.ts';
import type { ModuleOutline } from './module-outline.ts';
import type { ModuleOutlines } from './module-outlines.ts';
import {
  absoluteUrls,
  callOfMember,
  callOfText,
  joinedBy,
  keepsText,
  memberOfText,
  resolvedPaths,
  resolvedUrl,
  textsIn,
} from './path-functions.ts';
import {
  concatenated,
  hole,
  markedAbove,
  maxDepth,
  maxSteps,
  plainText,
  type BoundParameters,
  type PathValue,
  type Scope,
} from './path-value.ts';

const nothing: readonly PathValue[] = [];
const noParameters: BoundParameters = new Map();

/**
 * Computes the possible values of expressions without running the program, as far as they can lead
 * to a path: texts, with holes where a part is known only at run time, and the modules, functions
 * and objects that a text comes from. Follows constants, defaults, destructuring, fields, helper
 * functions, and imports of first-party modules.
 */
export class PathEvaluator {
  readonly #outlines: ModuleOutlines;
  readonly #projectDirectory: string;
  /** The names whose values are being evaluated. */
  readonly #inProgress = new Set<Declaration>();
  #stepsLeft = maxSteps;

  constructor(outlines: ModuleOutlines, projectDirectory: string) {
    this.#outlines = outlines;
    this.#projectDirectory = projectDirectory;
  }

  /** Returns the possible values of an expression; none when nothing is known. */
  evaluate(node: unknown, module: ModuleOutline): readonly PathValue[] {
    this.#stepsLeft = maxSteps;
    return this.#evaluate(node, { module, bound: noParameters, depth: 0 });
  }

  /** Returns the local file that a specifier in a file names; undefined for a package. */
  localFile(from: string, specifier: string): string | undefined {
    return this.#outlines.localFile(from, specifier);
  }

  #evaluate(node: unknown, scope: Scope): readonly PathValue[] {
    return markedAbove(this.#evaluated(node, scope), this.#projectDirectory);
  }

  #evaluated(node: unknown, outer: Scope): readonly PathValue[] {
    if (!isNode(node) || outer.depth > maxDepth || this.#stepsLeft === 0) return nothing;
    this.#stepsLeft -= 1;
    const scope = { ...outer, depth: outer.depth + 1 };
    switch (node.type) {
      case 'Literal':
        return typeof node['value'] === 'string' ? [plainText(node['value'])] : nothing;
      case 'TemplateLiteral':
        return concatenated(
          templateParts(node).map((part) =>
            typeof part === 'string' ? [plainText(part)] : this.#evaluate(part, scope),
          ),
        );
      case 'BinaryExpression':
        return node['operator'] === '+'
          ? concatenated([
              this.#evaluate(node['left'], scope),
              this.#evaluate(node['right'], scope),
            ])
          : nothing;
      case 'Identifier':
        return this.#name(node, scope);
      case 'MetaProperty':
        return [{ kind: 'meta', module: scope.module }];
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'CallExpression':
        return this.#call(node, scope);
      case 'ImportExpression':
        return textsIn(this.#evaluate(node['source'], scope)).flatMap(({ text }) =>
          this.#imported(text, '*', scope),
        );
      case 'NewExpression':
        return makesUrl(node) ? this.#url(node, scope) : nothing;
      case 'ConditionalExpression':
        return this.#either(node['consequent'], node['alternate'], scope);
      case 'LogicalExpression':
        return node['operator'] === '&&'
          ? this.#evaluate(node['right'], scope)
          : this.#either(node['left'], node['right'], scope);
      case 'AssignmentExpression':
        return this.#evaluate(node['right'], scope);
      case 'AwaitExpression':
        return this.#evaluate(node['argument'], scope);
      default:
        if (isCodeValue(node)) {
          return [{ kind: 'code', node, module: scope.module, bound: scope.bound }];
        }
        // Parentheses, optional chains and the types of TypeScript contain one expression.
        return this.#evaluate(node['expression'], scope);
    }
  }

  #either(one: unknown, other: unknown, scope: Scope): readonly PathValue[] {
    const nodes = [one, other].filter((node) => !isNoValue(node));
    return anyOf(nodes.map((node) => this.#evaluate(node, scope)));
  }

  #name(node: TreeNode, scope: Scope): readonly PathValue[] {
    const name = nameOf(node) ?? '';
    const { file } = scope.module;
    const declaration = scope.module.declarations.find(name, node.start);
    if (declaration !== undefined) return this.#declared(declaration, scope);
    return valueOfFreeName(name, file);
  }

  #declared(declaration: Declaration, scope: Scope): readonly PathValue[] {
    const bound = scope.bound.get(declaration);
    if (bound !== undefined) return bound;
    // A value that is made of itself (`text = text + part`) adds nothing that is known.
    if (this.#inProgress.has(declaration)) return nothing;
    this.#inProgress.add(declaration);
    const values = anyOf(
      declaration.origins
        .filter((origin) => origin.kind !== 'value' || !isNoValue(origin.node))
        .map((origin) => this.#fromOrigin(origin, scope)),
    );
    this.#inProgress.delete(declaration);
    return values;
  }

  #fromOrigin(origin: Origin, scope: Scope): readonly PathValue[] {
    switch (origin.kind) {
      case 'value':
        return this.#evaluate(origin.node, scope);
      case 'property':
        return origin.names.reduce(
          (values, name) => this.#membersOf(values, name, scope),
          this.#evaluate(origin.node, scope),
        );
      case 'item':
        return this.#evaluate(origin.node, scope).flatMap((value) => this.#items(value, scope));
      case 'import':
        return this.#imported(origin.specifier, origin.imported, scope);
      case 'parameter':
        // Code of another module may pass anything.
        return [...this.#evaluate(origin.fallback, scope), plainText(hole)];
    }
  }

  #items(value: PathValue, scope: Scope): readonly PathValue[] {
    return anyOf(this.#elements(value, scope));
  }

  /** The possible values of each item of an array. */
  #elements(value: PathValue, scope: Scope): readonly (readonly PathValue[])[] {
    if (value.kind !== 'code' || !Array.isArray(value.node['elements'])) return [];
    const inner = { ...scope, module: value.module, bound: value.bound };
    return value.node['elements'].map((element) => this.#evaluate(element, inner));
  }

  #imported(specifier: string, imported: string, scope: Scope): readonly PathValue[] {
    const target = this.#outlines.follow(scope.module.file, specifier);
    if (target !== undefined) {
      return imported === '*'
        ? [{ kind: 'namespace', module: target }]
        : this.#exported(target, imported, scope);
    }
    const names = imported === '*' || imported === 'default' ? [] : [imported];
    return [{ kind: 'member', specifier, names }];
  }

  #exported(module: ModuleOutline, name: string, outer: Scope): readonly PathValue[] {
    if (outer.depth > maxDepth) return nothing;
    const scope = { module, bound: noParameters, depth: outer.depth + 1 };
    const origin = module.exports.get(name);
    if (origin !== undefined) return this.#fromExport(origin, scope);
    const whole = module.exports.get('default');
    if (whole?.kind === 'value' && isNodeOfType(whole.node, 'ObjectExpression')) {
      return this.#membersOf(this.#fromExport(whole, scope), name, scope);
    }
    // A default import of a CommonJS module is all that the module exports.
    if (name === 'default') return [{ kind: 'namespace', module }];
    return module.exports.all.flatMap((specifier) => this.#imported(specifier, name, scope));
  }

  #fromExport(origin: ExportOrigin, scope: Scope): readonly PathValue[] {
    switch (origin.kind) {
      case 'value':
        return this.#evaluate(origin.node, scope);
      case 'local': {
        const declaration = scope.module.declarations.find(origin.name, 0);
        return declaration === undefined ? nothing : this.#declared(declaration, scope);
      }
      case 'import':
        return this.#imported(origin.specifier, origin.imported, scope);
    }
  }

  #member(node: TreeNode, scope: Scope): readonly PathValue[] {
    const name = propertyKey(node);
    if (name === undefined) {
      return this.#evaluate(node['object'], scope).flatMap((value) => this.#items(value, scope));
    }
    if (isNodeOfType(node['object'], 'ThisExpression')) return this.#field(name, scope);
    return this.#membersOf(this.#evaluate(node['object'], scope), name, scope);
  }

  #field(name: string, scope: Scope): readonly PathValue[] {
    const nodes = (scope.module.fields.get(name) ?? []).filter((node) => !isNoValue(node));
    return anyOf(
      nodes.map((node) =>
        this.#evaluate(node, scope).flatMap((value) => {
          const returned = value.kind === 'code' ? returnedBy(value.node) : undefined;
          return returned === undefined ? value : [value].concat(this.#evaluate(returned, scope));
        }),
      ),
    );
  }

  #membersOf(values: readonly PathValue[], name: string, scope: Scope): readonly PathValue[] {
    return values.flatMap((value) => this.#memberOf(value, name, scope));
  }

  #memberOf(value: PathValue, name: string, scope: Scope): readonly PathValue[] {
    switch (value.kind) {
      case 'text':
        return memberOfText(value, name);
      case 'member':
        return memberOfModule(value, name, this.#projectDirectory);
      case 'namespace':
        return this.#exported(value.module, name, scope);
      case 'meta':
        return memberOfMeta(value.module.file, name);
      case 'loader':
        return name === 'resolve'
          ? [{ kind: 'resolver', from: value.from, form: 'path' }]
          : nothing;
      case 'resolver':
        return nothing;
      case 'code':
        return this.#memberOfCode(value, name, scope);
    }
  }

  #memberOfCode(
    { node, module, bound }: Extract<PathValue, { kind: 'code' }>,
    name: string,
    scope: Scope,
  ): readonly PathValue[] {
    const inner = { ...scope, module, bound };
    if (isNodeOfType(node, 'ObjectExpression')) {
      return anyOf(
        propertySources(node, name).map(({ value, isSpread }) =>
          isSpread
            ? this.#membersOf(this.#evaluate(value, inner), name, inner)
            : this.#evaluate(value, inner),
        ),
      );
    }
    return node.type.startsWith('Class') ? this.#field(name, inner) : nothing;
  }

  #call(node: TreeNode, scope: Scope): readonly PathValue[] {
    const [first] = argumentsOf(node);
    const callee = node['callee'];
    const evaluated = (): readonly (readonly PathValue[])[] =>
      argumentsOf(node).flatMap((argument) => this.#piecesOf(argument, scope));
    if (
      isConversion(callee) &&
      scope.module.declarations.find(nameOf(callee) ?? '', node.start) === undefined
    ) {
      return this.#evaluate(first, scope);
    }
    return this.#evaluate(callee, scope)
      .flatMap((value): readonly PathValue[] => {
        switch (value.kind) {
          case 'member':
            return callOfMember(value, evaluated(), this.#projectDirectory);
          case 'loader':
            return this.#required(value.from, this.#evaluate(first, scope), scope);
          case 'resolver':
            return resolvedPaths(this.#evaluate(first, scope), value, (text) =>
              this.#outlines.localFile(value.from, text),
            );
          case 'code':
            return this.#inlined(value, argumentsOf(node), scope);
          default:
            return nothing;
        }
      })
      .concat(this.#textMethod(callee, evaluated, scope));
  }

  /** One piece for an argument, and one for each item of an array that is spread. */
  #piecesOf(argument: unknown, scope: Scope): readonly (readonly PathValue[])[] {
    if (!isNodeOfType(argument, 'SpreadElement')) return [this.#evaluate(argument, scope)];
    const [list] = this.#evaluate(argument['argument'], scope);
    return list === undefined ? [nothing] : this.#elements(list, scope);
  }

  #textMethod(
    callee: unknown,
    evaluated: () => readonly (readonly PathValue[])[],
    scope: Scope,
  ): readonly PathValue[] {
    if (!isNodeOfType(callee, 'MemberExpression')) return nothing;
    const name = propertyKey(callee) ?? '';
    if (!keepsText(name)) return nothing;
    const values = this.#evaluate(callee['object'], scope);
    const items = values.flatMap((value) => this.#elements(value, scope));
    return name === 'join'
      ? joinedBy(evaluated()[0] ?? [plainText(',')], items)
      : callOfText(name, values, evaluated);
  }

  #required(from: string, specifiers: readonly PathValue[], scope: Scope): readonly PathValue[] {
    return textsIn(specifiers).flatMap(({ text }): readonly PathValue[] => {
      const target = this.#outlines.follow(from, text);
      if (target === undefined) return [{ kind: 'member', specifier: text, names: [] }];
      const whole = target.exports.get('default');
      const inner = { module: target, bound: noParameters, depth: scope.depth + 1 };
      const exported = whole === undefined ? nothing : this.#fromExport(whole, inner);
      return exported.concat({ kind: 'namespace', module: target });
    });
  }

  /** The result of a function of one expression. */
  #inlined(
    { node, module, bound }: Extract<PathValue, { kind: 'code' }>,
    passed: readonly unknown[],
    scope: Scope,
  ): readonly PathValue[] {
    const inner = new Map(bound);
    for (const [index, { name, isRest }] of parametersOf(node).entries()) {
      const argument = passed[index];
      if (name === undefined || (argument === undefined && !isRest)) continue;
      const declaration = module.declarations.find(name, node.start);
      if (declaration === undefined) continue;
      const value = isRest ? arrayOf(passed.slice(index), node) : argument;
      inner.set(declaration, this.#evaluate(value, scope));
    }
    return this.#evaluate(returnedBy(node), { module, bound: inner, depth: scope.depth });
  }

  #url(node: TreeNode, scope: Scope): readonly PathValue[] {
    const [relative, base] = argumentsOf(node);
    const relatives = this.#evaluate(relative, scope);
    return base === undefined
      ? absoluteUrls(relatives)
      : resolvedUrl(relatives, this.#evaluate(base, scope));
  }
}
