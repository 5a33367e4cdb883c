import type { Metafile } from 'esbuild';
import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { incompleteImport } from '../../hints/incomplete-import.ts';
import type { PackageIndex } from '../../packages/package-index.ts';
import { packageNameOf } from '../../packages/package-name.ts';
import { eagerSpecifiers } from '../../syntax/eager-files.ts';
import { toDiagnostics } from '../esbuild-messages.ts';
import { evaluatedModules } from '../metafile/evaluation-order.ts';
import { absoluteIn } from '../metafile/metafile-path.ts';
import { importKey } from '../plugins/external-imports.ts';
import type { MissingImport } from './missing-imports.ts';

/** What the warnings about missing imports are made of. */
export interface PassWithMissing {
  readonly metafile: Metafile;
  readonly missing: ReadonlyMap<string, MissingImport>;
  readonly packages: PackageIndex;
  readonly projectDirectory: string;
  readonly functionName: string;
}

type Import = Metafile['inputs'][string]['imports'][number];

/**
 * Warns of the missing imports that show an incomplete installation, and of those without which the
 * function cannot start. Its source fails in the same way, but a site may be built where nobody has
 * run it.
 */
export function missingWarnings(pass: PassWithMissing): readonly Diagnostic[] {
  const { missing, projectDirectory, functionName } = pass;
  if (missing.size === 0) return [];
  const absolute = absoluteIn(projectDirectory);
  const metafile = withoutShakenModules(pass);
  const start = new ModulesAtStart(metafile, absolute);
  const found = Object.entries(metafile.inputs).flatMap(([input, { imports }]) =>
    imports.flatMap((one) => {
      const absent = missing.get(importKey(absolute(input), one.original ?? one.path));
      return absent !== undefined && start.loads(input, one) ? absent : [];
    }),
  );
  const atStart = new Set(found);
  return [...missing.values()].flatMap((one): readonly Diagnostic[] => {
    const advice =
      incompleteImport(one, pass) ?? (atStart.has(one) ? adviceAtStart(one.specifier) : undefined);
    if (advice === undefined) return [];
    return toDiagnostics([one.message], 'warning', functionName, projectDirectory).map(
      (diagnostic) => Object.assign({}, diagnostic, advice),
    );
  });
}

/**
 * Finds the modules that are certain to be evaluated when the function starts: the way to them from
 * the entry has only import statements, and calls of `require` outside of functions, conditions and
 * `try`.
 */
class ModulesAtStart {
  readonly #absolute: (input: string) => string;
  /** Module → whether it is certain to be evaluated; false while that is being found out. */
  readonly #known: Map<string, boolean>;
  readonly #importers = new Map<string, (readonly [importer: string, one: Import])[]>();
  readonly #eager = new Map<string, ReadonlySet<string>>();

  constructor(metafile: Metafile, absolute: (input: string) => string) {
    this.#absolute = absolute;
    this.#known = new Map(evaluatedModules('bgfn:entry', metafile).map((input) => [input, true]));
    for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
      for (const one of imports) {
        const known = this.#importers.get(one.path);
        if (known === undefined) this.#importers.set(one.path, [[importer, one]]);
        else known.push([importer, one]);
      }
    }
  }

  /** Whether an import in a module is certain to be carried out. */
  loads(importer: string, one: Import): boolean {
    const isAtOnce =
      one.kind === 'import-statement' ||
      (one.kind === 'require-call' && this.#requiresAtOnce(importer, one.original ?? one.path));
    return isAtOnce && this.#isEvaluated(importer);
  }

  #isEvaluated(input: string): boolean {
    const known = this.#known.get(input);
    if (known !== undefined) return known;
    this.#known.set(input, false);
    const answer = (this.#importers.get(input) ?? []).some(([importer, one]) =>
      this.loads(importer, one),
    );
    this.#known.set(input, answer);
    return answer;
  }

  #requiresAtOnce(importer: string, specifier: string): boolean {
    if (importer.startsWith('bgfn:')) return false;
    const eager = this.#eager.get(importer) ?? new Set(eagerSpecifiers(this.#absolute(importer)));
    this.#eager.set(importer, eager);
    return eager.has(specifier);
  }
}

/**
 * Leaves out the modules that are not evaluated because nothing of them is used. esbuild removes a
 * module as a whole only if its package says that it has no effects.
 */
function withoutShakenModules({ metafile, packages, projectDirectory }: PassWithMissing): Metafile {
  const absolute = absoluteIn(projectDirectory);
  const outputs = Object.values(metafile.outputs);
  const isLive = (input: string): boolean => {
    if (outputs.some(({ inputs }) => (inputs[input]?.bytesInOutput ?? 0) > 0)) return true;
    const { sideEffects = true } = packages.ownerOf(absolute(input))?.json ?? {};
    return sideEffects === true;
  };
  const live = Object.entries(metafile.inputs).filter(
    ([input]) => input.startsWith('bgfn:') || isLive(input),
  );
  return { ...metafile, inputs: Object.fromEntries(live) };
}

function adviceAtStart(specifier: string): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  const code = 'UNRESOLVED_IMPORT';
  const message =
    `Cannot find "${specifier}", which an installed package imports as soon as the function ` +
    `starts: the function cannot start, from its source neither.`;
  if (specifier.startsWith('.')) {
    return { code, message, hint: 'The package is incomplete. Install it again.' };
  }
  const name = packageNameOf(specifier);
  return {
    code,
    message,
    hint: `Install it: npm install ${name}. If the platform provides it, add it to ignoredNodeModules.`,
  };
}
