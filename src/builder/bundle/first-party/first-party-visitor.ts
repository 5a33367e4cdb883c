import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import {
  argumentsOf,
  calleeName,
  isNode,
  isNodeOfType,
  literalText,
  nameOf,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import { loadPatternOf } from './load-patterns.ts';
import type { LocationUses } from './location-rewrite.ts';
import { secretIn } from './secrets.ts';

/** Functions of `node:fs` whose first argument is a path. */
const fsReads = new Set([
  'readFile',
  'readFileSync',
  'createReadStream',
  'open',
  'openSync',
  'readdir',
  'readdirSync',
  'opendir',
]);
const packageNameForm = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w./-]+)?$/;
const maxNameCharacters = 100;

/** Findings from the syntax tree of a first-party file. */
export interface FirstPartyFindings {
  /**
   * Whether the file names its own location or the working directory, so that a trace of it is
   * worth the time.
   */
  readonly readsFiles: boolean;
  /**
   * Files that the file opens by a literal path: absolute, or as written and relative to the
   * working directory.
   */
  readonly openedPaths: readonly string[];
  /** Specifiers that the file loads through `createRequire`, whose calls esbuild does not follow. */
  readonly requiredNames: readonly string[];
  /** Specifiers whose location the file asks for (`require.resolve`, `import.meta.resolve`). */
  readonly locatedNames: readonly string[];
  /** String literals of the file that have the form of a package name. */
  readonly possibleNames: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Visits the nodes of one first-party file and collects its findings. */
export class FirstPartyVisitor {
  readonly #file: string;
  readonly #source: string;
  readonly #metaProperties: {
    readonly start: number;
    readonly end: number;
    readonly name: string;
  }[] = [];
  readonly #locationNames = new Set<string>();
  readonly #declaredNames = new Set<string>();
  /** Variables that hold the result of `createRequire`. */
  readonly #requireVariables = new Set<string>();
  readonly #openedPaths = new Set<string>();
  readonly #requiredNames = new Set<string>();
  readonly #locatedNames = new Set<string>();
  readonly #possibleNames = new Set<string>();
  readonly #warnings: Diagnostic[] = [];
  #firstStatement = 0;
  #readsFiles = false;

  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    switch (node.type) {
      case 'Program':
        this.#program(node);
        break;
      case 'VariableDeclarator':
        this.#declarator(node);
        break;
      case 'Identifier':
        this.#identifier(node, ancestors.at(-1));
        break;
      case 'MemberExpression':
        this.#metaProperty(node);
        break;
      case 'CallExpression':
        this.#call(node);
        break;
      case 'ImportExpression':
        this.#computedLoad(node, node['source'], 'import');
        break;
      case 'Literal':
      case 'TemplateElement':
        this.#literal(node, ancestors.at(-1));
        break;
    }
  }

  locationUses(): LocationUses {
    return {
      freeNames: [...this.#locationNames].filter((name) => !this.#declaredNames.has(name)),
      metaProperties: this.#metaProperties,
      firstStatement: this.#firstStatement,
    };
  }

  findings(): FirstPartyFindings {
    return {
      readsFiles: this.#readsFiles,
      openedPaths: [...this.#openedPaths],
      requiredNames: [...this.#requiredNames],
      locatedNames: [...this.#locatedNames],
      possibleNames: [...this.#possibleNames],
      warnings: this.#warnings,
    };
  }

  #program(node: TreeNode): void {
    const statements = Array.isArray(node['body']) ? node['body'].filter(isNode) : [];
    const first = statements.find((statement) => statement['directive'] === undefined);
    this.#firstStatement = first?.start ?? 0;
  }

  #declarator(node: TreeNode): void {
    const name = nameOf(node['id']);
    if (name === undefined) return;
    this.#declaredNames.add(name);
    const { init } = node;
    if (isNodeOfType(init, 'CallExpression') && calleeName(init['callee']) === 'createRequire') {
      this.#requireVariables.add(name);
    }
  }

  #identifier(node: TreeNode, parent: TreeNode | undefined): void {
    const name = nameOf(node);
    if (name !== '__dirname' && name !== '__filename') return;
    this.#readsFiles = true;
    if (parent?.type !== 'VariableDeclarator') this.#locationNames.add(name);
  }

  #metaProperty(node: TreeNode): void {
    const name = nameOf(node['property']);
    if (name === undefined || !['url', 'dirname', 'filename'].includes(name)) return;
    if (!isNodeOfType(node['object'], 'MetaProperty')) return;
    this.#metaProperties.push({ start: node.start, end: node.end, name });
    this.#readsFiles = true;
  }

  #call(node: TreeNode): void {
    const { callee } = node;
    const [first] = argumentsOf(node);
    const text = literalText(first);
    const name = calleeName(callee);
    const isPlainCall = isNodeOfType(callee, 'Identifier');
    if (isPlainCall && this.#requireVariables.has(name ?? '')) {
      this.#load(text, this.#requiredNames);
    } else if (isPlainCall && name === 'require') {
      this.#computedLoad(node, first, 'require');
    } else if (name === 'resolve' && this.#resolvesModules(callee)) {
      this.#load(text, this.#locatedNames);
    } else if (name === 'cwd') {
      this.#readsFiles = true;
    } else if (name !== undefined && fsReads.has(name) && text !== undefined) {
      if (!path.isAbsolute(text)) this.#openedPaths.add(text);
    }
  }

  /** Whether a callee is the `resolve` of a `require` function or of `import.meta`. */
  #resolvesModules(callee: unknown): boolean {
    if (!isNodeOfType(callee, 'MemberExpression')) return false;
    const { object } = callee;
    if (isNodeOfType(object, 'MetaProperty')) return true;
    const name = nameOf(object);
    return name !== undefined && (name === 'require' || this.#requireVariables.has(name));
  }

  /** Records a specifier: a relative path as an opened file, any other specifier in `names`. */
  #load(specifier: string | undefined, names: Set<string>): void {
    if (specifier === undefined) return;
    if (specifier.startsWith('.')) {
      this.#openedPaths.add(path.resolve(path.dirname(this.#file), specifier));
    } else {
      names.add(specifier);
    }
  }

  #computedLoad(call: TreeNode, argument: unknown, how: 'import' | 'require'): void {
    if (
      !isNode(argument) ||
      literalText(argument) !== undefined ||
      isNodeOfType(argument, 'ConditionalExpression')
    ) {
      return;
    }
    if (loadPatternOf(call, []) !== undefined) return;
    this.#warnings.push({
      severity: 'warning',
      code: 'DYNAMIC_IMPORT',
      message: `This ${how} is only known at run time, so the build cannot include what it names.`,
      hint:
        'Write the name as a literal, or list the files in includedFiles and the packages in ' +
        'externalNodeModules.',
      location: locate(this.#file, this.#source, argument.start, argument.end),
    });
  }

  #literal(node: TreeNode, parent: TreeNode | undefined): void {
    const value: unknown =
      node.type === 'Literal' ? node['value'] : this.#source.slice(node.start, node.end);
    if (typeof value !== 'string') return;
    if (value.length < maxNameCharacters && packageNameForm.test(value) && !isSpecifier(parent)) {
      this.#possibleNames.add(value);
    }
    const secret = secretIn(value);
    if (secret === undefined) return;
    this.#warnings.push({
      severity: 'warning',
      code: 'SECRET_IN_SOURCE',
      message: `This looks like ${secret}. It would be in the artifact in plain text.`,
      hint: 'Put it into an environment variable and read it with process.env or Netlify.env.get().',
      location: locate(this.#file, this.#source, node.start, node.end),
    });
  }
}

/**
 * Whether a literal with this parent is the specifier of an import, and not a name that is passed
 * to a package.
 */
function isSpecifier(parent: TreeNode | undefined): boolean {
  return (
    parent !== undefined &&
    (/^(?:Import|Export)/.test(parent.type) ||
      (parent.type === 'CallExpression' && calleeName(parent['callee']) === 'require'))
  );
}
