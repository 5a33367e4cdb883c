import { readdirSync } from 'node:fs';
import path from 'node:path';
import { didYouMean } from '../../../diagnostic/did-you-mean.ts';

/** A path that exists and is spelt almost like one that does not. */
export interface NearPath {
  readonly path: string;
  /** Whether the two differ in upper and lower case alone. */
  readonly differsInCase: boolean;
}

/**
 * Finds the path that a missing one most likely stands for, name by name from a directory that
 * exists. Undefined when the path exists, or when some name on the way has no near one.
 *
 * @param missing Absolute
 * @param accepts Whether a name may stand for the last name of the path; the names are compared
 *   with what it returns
 */
export function nearPath(
  missing: string,
  accepts: (name: string) => string = (name) => name,
): NearPath | undefined {
  const { root } = path.parse(missing);
  const names = path.relative(root, missing).split(path.sep);
  let at = root;
  let differsInCase = true;
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const present = namesIn(at);
    if (present.includes(name)) {
      at = path.join(at, name);
      continue;
    }
    const found = nearName(name, present, isLast ? accepts : (other) => other);
    if (found === undefined) return undefined;
    differsInCase &&= found.differsInCase;
    at = path.join(at, found.name);
  }
  return at === missing ? undefined : { path: at, differsInCase };
}

function nearName(
  wanted: string,
  present: readonly string[],
  compared: (name: string) => string,
): { readonly name: string; readonly differsInCase: boolean } | undefined {
  const lower = wanted.toLowerCase();
  const inCase = present.find((name) =>
    [name, compared(name)].some((one) => one.toLowerCase() === lower),
  );
  if (inCase !== undefined) return { name: inCase, differsInCase: true };
  const byForm = new Map(
    present.flatMap((name) => [[compared(name), name] as const, [name, name]]),
  );
  const meant = didYouMean(wanted, byForm.keys());
  const name = meant === undefined ? undefined : byForm.get(meant);
  return name === undefined ? undefined : { name, differsInCase: false };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}
