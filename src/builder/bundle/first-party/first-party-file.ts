import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { artifactPathOf } from '../copied-files/artifact-path.ts';
import type { ProjectFiles } from '../copied-files/project-files.ts';
import type { ModuleOutline } from '../paths/module-outline.ts';
import type { ModuleOutlines } from '../paths/module-outlines.ts';
import { PathEvaluator } from '../paths/path-evaluator.ts';
import { isCode } from '../syntax/code-file.ts';
import { climbingPathEdits } from './edits/climbing-paths.ts';
import { commonJsEdits, mayNeedCommonJsEdits } from './edits/common-js-edits.ts';
import { editedText } from './edits/location-rewrite.ts';
import { ownLocationEdits } from './edits/own-location-edits.ts';
import { moduleLoadsIn, type ModuleLoads } from './loads/module-loads.ts';
import { literalFindings } from './uses/literal-findings.ts';
import { pathUsesIn, type PathUse } from './uses/path-uses.ts';
import { mayNameFiles } from './uses/possible-paths.ts';

/** The facts about one first-party file that bundling needs. */
export interface FirstPartyFile extends Pick<
  ModuleLoads,
  'requiredNames' | 'locatedNames' | 'loadsUnknown'
> {
  readonly file: string;
  readonly outline: ModuleOutline;
  /** The text for the bundle; undefined when it is the file's own. */
  readonly rewritten: string | undefined;
  /**
   * The text with only the edits without which a pass fails or includes other files; undefined when
   * it is the file's own.
   */
  readonly requiredText: string | undefined;
  /** The directories in which the modules of computed loads were looked up; absolute. */
  readonly patternDirectories: readonly string[];
  /** Whether the code asks objects for the names of their classes. */
  readonly asksNames: boolean;
  /** Paths of files that the code names, and of modules that it loads by path. */
  readonly uses: readonly PathUse[];
  /** String literals of the file that have the form of a package name. */
  readonly possibleNames: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

export interface ReadFirstPartyOptions {
  readonly projectDirectory: string;
  readonly outlines: ModuleOutlines;
  readonly projectFiles: ProjectFiles;
  /** Reads the file even if its text names no file, because the names of packages in it matter. */
  readonly evenWithoutNeedle: boolean;
}

/** Reads one first-party file; undefined when the file is not code or has nothing to find. */
export function readFirstParty(
  file: string,
  { projectDirectory, outlines, projectFiles, evenWithoutNeedle }: ReadFirstPartyOptions,
): FirstPartyFile | undefined {
  if (!isCode(file)) return undefined;
  const source = readFileSync(file, 'utf8');
  if (
    !evenWithoutNeedle &&
    !mayNameFiles(file, source, projectDirectory, projectFiles) &&
    !mayNeedCommonJsEdits(source)
  ) {
    return undefined;
  }
  const outline = outlines.get(file, source);
  const evaluator = new PathEvaluator(outlines, projectDirectory);
  const placeOf = (one: string): string => artifactPathOf(one, projectDirectory);
  const loads = moduleLoadsIn(outline, { evaluator, projectDirectory, placeOf });
  const uses = pathUsesIn(outline, evaluator, projectDirectory);
  const existing = uses.filter(
    (use) => use.text?.located === true || projectFiles.kindOf(use.path) !== undefined,
  );
  const placeEdits = [
    ...loads.placeEdits,
    ...climbingPathEdits(existing, { outline, evaluator, projectDirectory, placeOf }),
    ...ownLocationEdits(outline, placeOf(file)),
  ];
  const literals = literalFindings(outline);
  const commonJs = commonJsEdits(file, source, placeOf(file));
  const required = [...loads.importEdits, ...commonJs.edits];
  return {
    file,
    outline,
    rewritten: editedText(source, [...required, ...placeEdits]),
    requiredText: editedText(source, required),
    patternDirectories: loads.directories,
    asksNames: source.includes('constructor.name'),
    uses: [...uses, ...loads.uses],
    requiredNames: loads.requiredNames,
    locatedNames: loads.locatedNames,
    loadsUnknown: loads.loadsUnknown,
    possibleNames: literals.possibleNames,
    warnings: [...literals.warnings, ...loads.warnings, ...commonJs.warnings],
  };
}

/** The texts that esbuild gets in place of first-party files' own: absolute file → text. */
export interface FirstPartyTexts {
  readonly rewritten: ReadonlyMap<string, string>;
  /** The texts with only the edits without which a pass fails or includes other files. */
  readonly required: ReadonlyMap<string, string>;
}

export function firstPartyTexts(files: readonly FirstPartyFile[]): FirstPartyTexts {
  const rewritten = new Map<string, string>();
  const required = new Map<string, string>();
  for (const { file, rewritten: text, requiredText } of files) {
    if (text !== undefined) rewritten.set(file, text);
    if (requiredText !== undefined) required.set(file, requiredText);
  }
  return { rewritten, required };
}
