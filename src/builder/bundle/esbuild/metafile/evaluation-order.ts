import type { Metafile } from 'esbuild';

type Import = Metafile['inputs'][string]['imports'][number];

/** An import statement that leads out of the bundle. `input` is the importing module. */
export interface OutsideStatement {
  readonly input: string;
  readonly statement: Import;
}

/** What the search for import statements out of place has to know about the modules of a pass. */
export interface ModuleFacts {
  /**
   * Returns the specifier at run time of an import that leads out of the bundle; undefined for
   * every other import, and for Node's own modules.
   */
  readonly outsideOf: (one: OutsideStatement) => string | undefined;
  /** Whether a module does more than declare when it is evaluated. */
  readonly hasEffects: (input: string) => boolean;
}

/**
 * Finds the import statements that lead out of the bundle and would be evaluated too early at the
 * top of the output: before bundled modules that precede them in the source, or though their module
 * is not imported before the function runs. The other statements may stay at the top.
 */
export function statementsOutOfPlace(
  metafile: Metafile,
  facts: ModuleFacts,
): readonly OutsideStatement[] {
  return Object.entries(metafile.outputs).flatMap(([file, { entryPoint }]) => {
    if (entryPoint === undefined || !file.endsWith('.mjs')) return [];
    const outside = outsideStatements(entryPoint, metafile, facts);
    if (outside.length === 0) return [];
    const early = specifiersBeforeEffects(entryPoint, metafile, facts);
    return outside.filter((one) => !early.has(facts.outsideOf(one) ?? ''));
  });
}

/**
 * Lists the modules to which import statements lead from a module, in the order of their
 * evaluation: each comes after those that it imports.
 */
export function evaluatedModules(from: string, metafile: Metafile): readonly string[] {
  return [...evaluationSteps(from, metafile, () => false)].filter(
    (step) => typeof step === 'string',
  );
}

/** Lists the modules that a `require()` leads to, and those that these import by statements. */
export function modulesBelowRequire(metafile: Metafile): ReadonlySet<string> {
  const required = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter((one) => one.kind === 'require-call' && one.external !== true),
  );
  return new Set(required.flatMap(({ path }) => evaluatedModules(path, metafile)));
}

/** Lists the outside statements of all modules that a module reaches, at once or later. */
function outsideStatements(
  from: string,
  { inputs }: Metafile,
  { outsideOf }: ModuleFacts,
): readonly OutsideStatement[] {
  const found: OutsideStatement[] = [];
  const reached = new Set([from]);
  // The loop also visits the modules that are added to the set while it runs.
  for (const input of reached) {
    for (const statement of inputs[input]?.imports ?? []) {
      const one = { input, statement };
      const isStatement = statement.kind === 'import-statement';
      if (isStatement && outsideOf(one) !== undefined) found.push(one);
      else if (statement.external !== true) reached.add(statement.path);
    }
  }
  return found;
}

/** Returns the specifiers of the outside modules that precede every bundled module with effects. */
function specifiersBeforeEffects(
  from: string,
  metafile: Metafile,
  { outsideOf, hasEffects }: ModuleFacts,
): ReadonlySet<string> {
  const early = new Set<string>();
  const steps = evaluationSteps(from, metafile, (one) => outsideOf(one) !== undefined);
  for (const step of steps) {
    if (typeof step !== 'string') early.add(outsideOf(step) ?? '');
    else if (hasEffects(step)) break;
  }
  return early;
}

/**
 * Follows import statements in the order in which Node evaluates what they lead to: yields a
 * statement that leads outside, and a module once its imports are evaluated.
 */
function* evaluationSteps(
  from: string,
  { inputs }: Metafile,
  isOutside: (one: OutsideStatement) => boolean,
): Generator<string | OutsideStatement> {
  type Task = OutsideStatement | { readonly enter: string } | { readonly leave: string };
  const entered = new Set<string>();
  const tasks: Task[] = [{ enter: from }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    if ('leave' in task) {
      yield task.leave;
    } else if ('statement' in task) {
      if (isOutside(task)) yield task;
      else if (task.statement.external !== true) tasks.push({ enter: task.statement.path });
    } else if (!entered.has(task.enter)) {
      const input = task.enter;
      entered.add(input);
      tasks.push({ leave: input });
      const statements = (inputs[input]?.imports ?? []).filter(
        ({ kind }) => kind === 'import-statement',
      );
      for (const statement of statements.toReversed()) tasks.push({ input, statement });
    }
  }
}
