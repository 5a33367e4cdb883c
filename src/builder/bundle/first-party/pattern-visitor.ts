import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import { calleeName, isNodeOfType, nameOf, type TreeNode } from '../syntax/syntax-tree.ts';
import { loadPatternOf, type LoadPattern } from './load-patterns.ts';
import type { TextEdit } from './location-rewrite.ts';
import { filesOfPattern, type PatternMatch } from './pattern-files.ts';
import { patternEdits } from './pattern-rewrite.ts';

/** A first-party file whose load patterns are looked up. */
export interface PatternSource {
  /** Absolute. */
  readonly file: string;
  readonly source: string;
  readonly artifactPath: string;
  readonly projectDirectory: string;
}

/** The load patterns of one file. */
export interface PatternFindings {
  /** Replaces the patterns by searches among the files that they can mean. */
  readonly edits: readonly TextEdit[];
  /** Removes the patterns. */
  readonly removals: readonly TextEdit[];
  /** Files that are loaded by path, through the result of `createRequire`; absolute. */
  readonly opened: readonly string[];
  /** The directories in which files were looked up; absolute. */
  readonly directories: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Visits the nodes of one first-party file and looks up its load patterns. */
export class PatternVisitor {
  readonly #source: PatternSource;
  readonly #patterns: LoadPattern[] = [];
  /** Variables that hold the result of `createRequire`. */
  readonly #requireVariables = new Set<string>();

  constructor(source: PatternSource) {
    this.#source = source;
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    if (isNodeOfType(node, 'VariableDeclarator')) {
      const name = nameOf(node['id']);
      const { init } = node;
      if (
        name !== undefined &&
        isNodeOfType(init, 'CallExpression') &&
        calleeName(init['callee']) === 'createRequire'
      ) {
        this.#requireVariables.add(name);
      }
      return;
    }
    const pattern = loadPatternOf(node, ancestors);
    if (pattern !== undefined) this.#patterns.push(pattern);
  }

  findings(): PatternFindings {
    const { file, source, artifactPath, projectDirectory } = this.#source;
    const edits: TextEdit[] = [];
    const removals: TextEdit[] = [];
    const opened: string[] = [];
    const directories = new Set<string>();
    const warnings: Diagnostic[] = [];
    for (const pattern of this.#patterns) {
      const isOwnRequire = this.#requireVariables.has(pattern.how);
      if (pattern.how !== 'require' && pattern.how !== 'import' && !isOwnRequire) continue;
      const match = filesOfPattern(pattern, file, projectDirectory);
      const files = match.kind === 'files' ? match.files : [];
      if (match.kind === 'files') match.directories.forEach((one) => directories.add(one));
      if (isOwnRequire) {
        opened.push(...files.map((one) => path.resolve(path.dirname(file), one.path)));
      } else {
        removals.push({ start: pattern.call.start, end: pattern.call.end, text: '(void 0)' });
        edits.push(...patternEdits(source, { pattern, files }, artifactPath));
      }
      warnings.push(...this.#warningsOf(pattern, match));
    }
    return { edits, removals, opened, directories: [...directories], warnings };
  }

  #warningsOf({ how, argument, isGuarded }: LoadPattern, match: PatternMatch): Diagnostic[] {
    if (match.kind === 'files' && (match.files.length > 0 || isGuarded)) return [];
    const { file, source } = this.#source;
    return [
      {
        severity: 'warning',
        code: 'DYNAMIC_IMPORT',
        message:
          match.kind === 'boundless'
            ? `The path of this ${how} can mean any file of the project, so the build includes none.`
            : `The path of this ${how} matches no module of the project.`,
        hint:
          "Begin it with the directory of the modules, as in './handlers/' + name, or list the " +
          'files in includedFiles.',
        location: locate(file, source, argument.start, argument.end),
      },
    ];
  }
}
