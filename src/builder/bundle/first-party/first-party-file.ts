import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import {
  isNode,
  isNodeOfType,
  literalText,
  walkTree,
  type TreeNode,
} from '../syntax/syntax-tree.ts';

/** What bundling has to know about one first-party file. */
export interface FirstPartyFile {
  readonly file: string;
  /** Its text with its own location put in; undefined when it does not ask for it. */
  readonly rewritten?: string;
  /** Names its own location or opens files: what it reads is worth a trace. */
  readonly readsFiles: boolean;
  /** Asks objects for the names of their classes. */
  readonly asksNames: boolean;
  /** Files it opens by a literal path relative to the working directory, as written. */
  readonly openedPaths: readonly string[];
  /** Packages it loads through `createRequire`, where esbuild does not look. */
  readonly requiredNames: readonly string[];
  /** Packages whose place it asks for (`require.resolve`, `import.meta.resolve`). */
  readonly locatedNames: readonly string[];
  /** Its string literals that have the form of a package name. */
  readonly possibleNames: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

const needles = [
  '__dirname',
  '__filename',
  'import.meta',
  'process.cwd',
  'readFile',
  'ReadStream',
  'require.resolve',
  'createRequire',
  'openSync',
  'readdir',
  'PRIVATE KEY',
  'sk_live_',
  'rk_live_',
  'AKIA',
  'ghp_',
  'xoxb-',
  'require(',
  'import(',
  'constructor.name',
].map((needle) => Buffer.from(needle));

const nameForm = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w./-]+)?$/;

/**
 * Reads one first-party file; undefined when there is nothing to say about it. `always` reads it
 * even without a reason in its text.
 */
export function readFirstParty(
  file: string,
  artifactPath: string,
  always: boolean,
): FirstPartyFile | undefined {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return undefined;
  const bytes = readFileSync(file);
  if (!always && !needles.some((needle) => bytes.includes(needle))) return undefined;
  const source = bytes.toString();
  const reader = new FileReader(file, source);
  walkTree(parseSync(file, source, { sourceType: 'unambiguous' }).program, (node, ancestors) => {
    reader.visit(node, ancestors);
  });
  return reader.result(artifactPath);
}

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
const namesOfLocation = new Set(['__dirname', '__filename']);

class FileReader {
  readonly #file: string;
  readonly #source: string;
  readonly #lineStarts: readonly number[];
  readonly #metaReferences: {
    readonly start: number;
    readonly end: number;
    readonly name: string;
  }[] = [];
  readonly #locationNames = new Set<string>();
  readonly #declaredNames = new Set<string>();
  readonly #requireNames = new Set<string>();
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
    this.#lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
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
        if (
          namesOfLocation.has(String(node['name'])) &&
          ancestors.at(-1)?.type !== 'VariableDeclarator'
        ) {
          this.#locationNames.add(String(node['name']));
        }
        if (namesOfLocation.has(String(node['name']))) this.#readsFiles = true;
        break;
      case 'MemberExpression':
        this.#metaReference(node);
        break;
      case 'CallExpression':
        this.#call(node);
        break;
      case 'ImportExpression':
        this.#dynamic(node['source'], 'import');
        break;
      case 'Literal':
      case 'TemplateElement':
        this.#literal(node, ancestors.at(-1));
        break;
    }
  }

  result(artifactPath: string): FirstPartyFile {
    const rewritten = this.#rewrite(artifactPath);
    return {
      file: this.#file,
      ...(rewritten === undefined ? {} : { rewritten }),
      readsFiles: this.#readsFiles,
      asksNames: this.#source.includes('constructor.name'),
      openedPaths: [...this.#openedPaths],
      requiredNames: [...this.#requiredNames],
      locatedNames: [...this.#locatedNames],
      possibleNames: [...this.#possibleNames],
      warnings: this.#warnings,
    };
  }

  /**
   * Names stand for the file's place in the artifact, which mirrors the project: what lies beside
   * it there lies beside it here.
   */
  #rewrite(artifactPath: string): string | undefined {
    const names = [...this.#locationNames].filter((name) => !this.#declaredNames.has(name));
    if (names.length === 0 && this.#metaReferences.length === 0) return undefined;
    const url = `(__bgfnRoot + ${JSON.stringify(encodeURI(artifactPath))})`;
    const filename = `__bgfnPath(${JSON.stringify(encodeURI(artifactPath))})`;
    const directory = `__bgfnPath(${JSON.stringify(encodeURI(path.posix.dirname(artifactPath)))})`;
    const edits = this.#metaReferences.map(({ start, end, name }) => ({
      start,
      end,
      text: name === 'url' ? url : name === 'dirname' ? directory : filename,
    }));
    // `var`, on the first statement's own line: no line moves, and a circular import never finds it uninitialized.
    const declarations = names.map(
      (name) => `${name} = ${name === '__dirname' ? directory : filename}`,
    );
    if (declarations.length > 0) {
      edits.push({
        start: this.#firstStatement,
        end: this.#firstStatement,
        text: `var ${declarations.join(', ')}; `,
      });
    }
    let text = this.#source;
    for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
      text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
    }
    return text;
  }

  #program(node: TreeNode): void {
    const statements = Array.isArray(node['body'])
      ? node['body'].filter((statement) => isNode(statement))
      : [];
    this.#firstStatement =
      statements.find((statement) => statement['directive'] === undefined)?.start ?? 0;
  }

  #declarator(node: TreeNode): void {
    const name = isNodeOfType(node['id'], 'Identifier') ? String(node['id']['name']) : undefined;
    if (name === undefined) return;
    this.#declaredNames.add(name);
    if (
      isNodeOfType(node['init'], 'CallExpression') &&
      calledName(node['init']) === 'createRequire'
    ) {
      this.#requireNames.add(name);
    }
  }

  #metaReference(node: TreeNode): void {
    const property = isNodeOfType(node['property'], 'Identifier')
      ? String(node['property']['name'])
      : '';
    if (
      !isNodeOfType(node['object'], 'MetaProperty') ||
      !['url', 'dirname', 'filename'].includes(property)
    ) {
      return;
    }
    this.#metaReferences.push({ start: node.start, end: node.end, name: property });
    this.#readsFiles = true;
  }

  #call(node: TreeNode): void {
    const first: unknown = Array.isArray(node['arguments']) ? node['arguments'][0] : undefined;
    const text = literalText(first);
    const { callee } = node;
    const name = calledName(node);
    if (isNodeOfType(callee, 'Identifier') && this.#requireNames.has(name ?? '')) {
      this.#required(text, this.#requiredNames);
    } else if (isNodeOfType(callee, 'Identifier') && name === 'require') {
      this.#dynamic(first, 'require');
    } else if (
      isNodeOfType(callee, 'MemberExpression') &&
      name === 'resolve' &&
      isNodeOfType(callee['object'], 'Identifier') &&
      (callee['object']['name'] === 'require' ||
        this.#requireNames.has(String(callee['object']['name'])))
    ) {
      this.#required(text, this.#locatedNames);
    } else if (
      isNodeOfType(callee, 'MemberExpression') &&
      name === 'resolve' &&
      isNodeOfType(callee['object'], 'MetaProperty')
    ) {
      this.#required(text, this.#locatedNames);
    } else if (name === 'cwd') {
      this.#readsFiles = true;
    } else if (
      name !== undefined &&
      fsReads.has(name) &&
      text !== undefined &&
      !path.isAbsolute(text)
    ) {
      this.#openedPaths.add(text);
    }
  }

  #required(text: string | undefined, names: Set<string>): void {
    if (text === undefined) return;
    if (text.startsWith('.')) this.#openedPaths.add(path.resolve(path.dirname(this.#file), text));
    else names.add(text);
  }

  #dynamic(argument: unknown, how: 'import' | 'require'): void {
    if (
      !isNode(argument) ||
      literalText(argument) !== undefined ||
      isNodeOfType(argument, 'ConditionalExpression')
    ) {
      return;
    }
    // esbuild bundles every file that a pattern with a literal start can mean.
    if (/^[`'"]\.{1,2}\//.test(this.#source.slice(argument.start, argument.start + 5))) return;
    this.#warnings.push({
      severity: 'warning',
      code: 'DYNAMIC_IMPORT',
      message: `This ${how} is only known at run time, so the build cannot include what it names.`,
      hint: 'Write the name as a literal, or list the files in includedFiles and the packages in externalNodeModules.',
      location: this.#location(argument.start, argument.end),
    });
  }

  #literal(node: TreeNode, parent: TreeNode | undefined): void {
    const value: unknown =
      node.type === 'Literal' ? node['value'] : this.#source.slice(node.start, node.end);
    if (typeof value !== 'string') return;
    if (value.length < 100 && nameForm.test(value) && !isModuleLink(parent)) {
      this.#possibleNames.add(value);
    }
    const secret = secretIn(value);
    if (secret === undefined) return;
    this.#warnings.push({
      severity: 'warning',
      code: 'SECRET_IN_SOURCE',
      message: `This looks like ${secret}. It would be in the artifact in plain text.`,
      hint: 'Put it into an environment variable and read it with process.env or Netlify.env.get().',
      location: this.#location(node.start, node.end),
    });
  }

  #location(start: number, end: number): SourceLocation {
    const line = this.#lineStarts.findLastIndex((lineStart) => lineStart <= start);
    return {
      file: this.#file,
      line: line + 1,
      column: start - (this.#lineStarts[line] ?? 0) + 1,
      length: Math.max(1, end - start),
    };
  }
}

/** The specifier of an import is no name that is handed to somebody. */
function isModuleLink(parent: TreeNode | undefined): boolean {
  return (
    parent !== undefined &&
    (/^(?:Import|Export)/.test(parent.type) ||
      (parent.type === 'CallExpression' && calledName(parent) === 'require'))
  );
}

function calledName(call: TreeNode): string | undefined {
  const { callee } = call;
  const name = isNodeOfType(callee, 'MemberExpression') ? callee['property'] : callee;
  return isNodeOfType(name, 'Identifier') ? String(name['name']) : undefined;
}

const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b[sr]k_live_[0-9a-zA-Z]{10,}/, 'a live Stripe key'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'an AWS access key id'],
  [/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, 'a private key'],
  [/\bghp_[0-9a-zA-Z]{36}\b/, 'a GitHub token'],
  [/\bxoxb-[0-9a-zA-Z-]{20,}/, 'a Slack token'],
];

function secretIn(text: string): string | undefined {
  return secrets.find(([pattern]) => pattern.test(text))?.[1];
}

/**
 * Where a first-party file is in the artifact: as in the project; what lies above the project goes
 * below `_up_`.
 */
export function artifactPathOf(file: string, projectDirectory: string): string {
  return path
    .relative(projectDirectory, file)
    .split(path.sep)
    .map((part) => (part === '..' ? '_up_' : part))
    .join('/');
}

/** A file, or undefined for a directory or nothing. */
export function existingFile(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}
