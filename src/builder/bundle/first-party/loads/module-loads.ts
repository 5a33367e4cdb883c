import path from 'node:path';
import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import type { ModuleOutline } from '../../paths/module-outline.ts';
import type { PathEvaluator } from '../../paths/path-evaluator.ts';
import { hole, type PathText, type PathValue } from '../../paths/path-value.ts';
import {
  argumentsOf,
  calleeName,
  isIdentifier,
  isNode,
  isNodeOfType,
  literalText,
  type TreeNode,
} from '../../syntax/syntax-tree.ts';
import { placeExpression, type TextEdit } from '../edits/location-rewrite.ts';
import type { PathUse } from '../uses/path-uses.ts';
import { hasHole, literalsOf, type LoadPattern } from './load-patterns.ts';
import { filesOfPattern, type PatternFile, type PatternMatch } from './pattern-files.ts';
import { patternEdits } from './pattern-rewrite.ts';

/** What a module loads or locates by other means than an import with a literal name. */
export interface ModuleLoads {
  /** Modules that are loaded by path: through `createRequire`, or after `require.resolve`. */
  readonly uses: readonly PathUse[];
  /** Specifiers of packages that are loaded, and specifiers whose location is asked for. */
  readonly requiredNames: readonly string[];
  readonly locatedNames: readonly string[];
  /** Edits that show esbuild the modules of computed loads. */
  readonly importEdits: readonly TextEdit[];
  /** Edits that put in the places of modules in the artifact. */
  readonly placeEdits: readonly TextEdit[];
  /** The directories in which modules were looked up; absolute. */
  readonly directories: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** Whether some load may load anything. */
  readonly loadsUnknown: boolean;
}

export interface ModuleLoadsOptions {
  readonly evaluator: PathEvaluator;
  readonly projectDirectory: string;
  /** Returns the place of a file in the artifact. */
  readonly placeOf: (file: string) => string;
}

/** Searches a module for loads that esbuild does not follow as they are written. */
export function moduleLoadsIn(outline: ModuleOutline, options: ModuleLoadsOptions): ModuleLoads {
  const search = new LoadSearch(outline, options);
  for (const node of outline.importExpressions) {
    search.load(node, node['source'], node['options'], 'import');
  }
  for (const call of outline.calls) search.call(call);
  return search.result();
}

class LoadSearch {
  readonly #outline: ModuleOutline;
  readonly #options: ModuleLoadsOptions;
  readonly #uses: PathUse[] = [];
  readonly #requiredNames: string[] = [];
  readonly #locatedNames: string[] = [];
  readonly #importEdits: TextEdit[] = [];
  readonly #placeEdits: TextEdit[] = [];
  readonly #directories = new Set<string>();
  readonly #warnings: Diagnostic[] = [];
  #loadsUnknown = false;

  constructor(outline: ModuleOutline, options: ModuleLoadsOptions) {
    this.#outline = outline;
    this.#options = options;
  }

  result(): ModuleLoads {
    return {
      uses: this.#uses,
      requiredNames: this.#requiredNames,
      locatedNames: this.#locatedNames,
      importEdits: this.#importEdits,
      placeEdits: this.#placeEdits,
      directories: [...this.#directories],
      warnings: this.#warnings,
      loadsUnknown: this.#loadsUnknown,
    };
  }

  call(call: TreeNode): void {
    const [first] = argumentsOf(call);
    const callee = call['callee'];
    if (!isNode(first) || !isNode(callee)) return;
    const { file, declarations } = this.#outline;
    if (registersHooks(call)) this.#requireThrough(first, file, true);
    for (const value of this.#options.evaluator.evaluate(callee, this.#outline)) {
      if (value.kind === 'resolver') this.#locate(call, first, value);
      if (value.kind !== 'loader') continue;
      const isOwn =
        isIdentifier(callee, 'require') && declarations.find('require', callee.start) === undefined;
      if (!isOwn || value.from !== file) this.#requireThrough(first, value.from);
      else if (!this.#isCached(first)) this.load(call, first, undefined, 'require');
    }
  }

  /** Looks at the target of an `import()` or of the module's own `require()`. */
  load(call: TreeNode, argument: unknown, options: unknown, how: 'import' | 'require'): void {
    if (!isNode(argument) || isChoiceOfLiterals(argument)) return;
    const { file, guarded } = this.#outline;
    const texts = this.#texts(argument).filter(({ text }) => !text.startsWith(hole));
    const paths = texts.map((text) => literalsOf(text, file));
    if (texts.length === 0) {
      this.#loadsUnknown = true;
      this.#warn(argument, unknownMessage(how), unknownHint);
      return;
    }
    if (paths.includes(undefined)) {
      // A name that is not a path is the name of a package.
      for (const text of texts) if (!hasHole(text)) this.#requiredNames.push(text.text);
      return;
    }
    const pattern: LoadPattern = {
      call,
      argument,
      options: isNode(options) ? options : undefined,
      how,
      isGuarded: guarded.has(call),
    };
    this.#loadPaths(
      pattern,
      paths.filter((one) => one !== undefined),
    );
  }

  /** Shows esbuild the modules that paths with holes can mean. */
  #loadPaths(pattern: LoadPattern, paths: readonly (readonly string[])[]): void {
    const { file, source } = this.#outline;
    const matches = paths.map((literals) =>
      filesOfPattern(literals, file, this.#options.projectDirectory),
    );
    const files = new Map<string, PatternFile>();
    for (const match of matches) {
      if (match.kind !== 'files') continue;
      for (const directory of match.directories) this.#directories.add(directory);
      for (const one of match.files) files.set(one.path, one);
    }
    const found = [...files.values()];
    this.#importEdits.push(
      ...patternEdits(source, { pattern, files: found }, this.#options.placeOf(file)),
    );
    if (found.length > 0 || pattern.isGuarded) return;
    this.#warn(pattern.argument, nothingMessage(pattern.how, matches), nothingHint);
  }

  /** `createRequire(import.meta.url)('./x')`, which esbuild does not follow. */
  #requireThrough(argument: TreeNode, from: string, isolated = false): void {
    for (const { text, located } of this.#texts(argument)) {
      if (text.startsWith(hole)) continue;
      const target = located ? text : this.#fileOf(from, text);
      if (located || /^\.{1,2}\//.test(text)) {
        this.#uses.push({ ...loadOf(target, argument), isolated });
      } else if (!text.includes(hole)) {
        this.#requiredNames.push(text);
      }
    }
  }

  /** `require.resolve(…)` and `import.meta.resolve(…)` */
  #locate(
    call: TreeNode,
    argument: TreeNode,
    { from, form }: Extract<PathValue, { kind: 'resolver' }>,
  ): void {
    for (const { text, located } of this.#texts(argument)) {
      if (located || text.includes(hole)) continue;
      const file = /^(?:\.{1,2}\/|#)/.test(text)
        ? this.#options.evaluator.localFile(from, text)
        : undefined;
      if (file === undefined) {
        if (!text.startsWith('.')) this.#locatedNames.push(text);
        continue;
      }
      const isolated = this.#outline.source.includes('require.cache');
      this.#uses.push({ ...loadOf(file, call), isolated });
      const replacement = placeExpression(this.#options.placeOf(file), form);
      this.#placeEdits.push({ start: call.start, end: call.end, text: replacement });
    }
  }

  /**
   * Whether the module removes the target of a `require` from `require.cache`. Only a file of its
   * own can be loaded again.
   */
  #isCached(argument: TreeNode): boolean {
    const specifier = literalText(argument);
    const { source, file } = this.#outline;
    if (specifier === undefined || !/^\.{1,2}\//.test(specifier)) return false;
    if (!source.includes('require.cache') || !source.includes('require.resolve')) return false;
    const target = this.#options.evaluator.localFile(file, specifier);
    if (target === undefined) return false;
    // A bundle of its own: code that it shared with the function would not be loaded again.
    this.#uses.push({ ...loadOf(target, argument), isolated: true });
    const text = placeExpression(this.#options.placeOf(target), 'path');
    this.#importEdits.push({ start: argument.start, end: argument.end, text });
    return true;
  }

  #fileOf(from: string, specifier: string): string {
    const absolute = path.posix.join(path.dirname(from), specifier);
    return specifier.includes(hole)
      ? absolute
      : (this.#options.evaluator.localFile(from, specifier) ?? absolute);
  }

  #texts(node: TreeNode): readonly PathText[] {
    return this.#options.evaluator
      .evaluate(node, this.#outline)
      .filter((value) => value.kind === 'text');
  }

  #warn({ start, end }: LoadPattern['argument'], message: string, hint: string): void {
    const { file, source } = this.#outline;
    this.#warnings.push({
      severity: 'warning',
      code: 'DYNAMIC_IMPORT',
      message,
      hint,
      location: locate(file, source, start, end),
    });
  }
}

const unknownHint =
  'Write the name as a literal, or list the files in includedFiles and the packages in ' +
  'externalNodeModules.';

function unknownMessage(how: string): string {
  return `This ${how} is only known at run time, so the build cannot include what it names.`;
}

const nothingHint =
  "Begin it with the directory of the modules, as in './handlers/' + name, or list the files in " +
  'includedFiles.';

function nothingMessage(how: string, matches: readonly PatternMatch[]): string {
  return matches.some(({ kind }) => kind === 'boundless')
    ? `The path of this ${how} can mean any file of the project, so the build includes none.`
    : `The path of this ${how} matches no module of the project.`;
}

/**
 * Whether a call is `register('./hooks.mjs', import.meta.url)` of `node:module`, whose hooks run in
 * a thread of their own.
 */
function registersHooks(call: TreeNode): boolean {
  const base = argumentsOf(call)[1];
  return (
    calleeName(call['callee']) === 'register' &&
    isNodeOfType(base, 'MemberExpression') &&
    isNodeOfType(base['object'], 'MetaProperty')
  );
}

/** Whether esbuild follows an argument as it is written. */
function isChoiceOfLiterals(argument: TreeNode): boolean {
  if (literalText(argument) !== undefined) return true;
  if (!isNodeOfType(argument, 'ConditionalExpression')) return false;
  return [argument['consequent'], argument['alternate']].every(
    (branch) => isNode(branch) && isChoiceOfLiterals(branch),
  );
}

function loadOf(file: string, node: TreeNode): PathUse {
  return {
    path: path.posix.normalize(file),
    kind: 'load',
    certain: true,
    takesDirectory: true,
    isolated: false,
    node,
    text: undefined,
    isOnly: true,
  };
}
