import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** One import statement, as the paths of the two files relative to the root of the graph. */
export interface ImportArrow {
  readonly from: string;
  readonly to: string;
}

/**
 * Every import between the modules below `root`: static, re-exporting, type-only and dynamic ones.
 * Files that are only named (`new URL('./x', import.meta.url)`) and packages are left out.
 */
export function readImportArrows(root: string): readonly ImportArrow[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .flatMap((file) =>
      specifiersIn(file, readFileSync(path.join(root, file), 'utf8'))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => ({ from: file, to: path.join(path.dirname(file), specifier) })),
    );
}

/** Specifiers of the imports of a module, in no particular order. */
export function specifiersIn(file: string, source: string): readonly string[] {
  const { module, program, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const specifiers = module.staticImports.map((statement) => statement.moduleRequest.value);
  for (const { moduleRequest } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) specifiers.push(moduleRequest.value);
  }
  new Visitor({
    ImportExpression({ source: specifier }) {
      if (specifier.type === 'Literal') specifiers.push(String(specifier.value));
    },
    TSImportType({ source: specifier }) {
      specifiers.push(specifier.value);
    },
  }).visit(program);
  return specifiers;
}

/** Folder of a file, or `.` for the root itself. The files of one folder are one node of the graph. */
export function folderOf(file: string): string {
  return path.dirname(file);
}

/** First folder of a file's path, or `.` for a file of the root itself. */
export function topFolderOf(file: string): string {
  const [first = '', ...rest] = file.split('/');
  return rest.length === 0 ? '.' : first;
}

/**
 * The cycles among the nodes that `nodeOf` makes of the files, one text per group of nodes that all
 * reach each other. A text lists each arrow inside the group with the imports behind the arrow.
 * Imports within a node are not a cycle.
 */
export function describeCycles(
  arrows: readonly ImportArrow[],
  nodeOf: (file: string) => string,
): readonly string[] {
  const importsByNodes = new Map<string, Map<string, ImportArrow[]>>();
  for (const arrow of arrows) {
    const from = nodeOf(arrow.from);
    const to = nodeOf(arrow.to);
    if (from === to) continue;
    const targets = importsByNodes.get(from) ?? new Map<string, ImportArrow[]>();
    importsByNodes.set(from, targets.set(to, [...(targets.get(to) ?? []), arrow]));
  }
  const reachable = new Map(
    [...importsByNodes.keys()].map((node) => [node, reachableFrom(node, importsByNodes)]),
  );
  const groups = new Map<string, string[]>();
  for (const [node, reached] of reachable) {
    if (!reached.has(node)) continue;
    const members = [...reached].filter((other) => reachable.get(other)?.has(node) === true);
    groups.set(members.toSorted().join(' '), members);
  }
  return [...groups.values()].map((members) => describeGroup(members, importsByNodes));
}

type ImportsByNodes = ReadonlyMap<string, ReadonlyMap<string, readonly ImportArrow[]>>;

/** Every node that is reachable by a path of at least one arrow. */
function reachableFrom(start: string, importsByNodes: ImportsByNodes): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [start];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const next of importsByNodes.get(node)?.keys() ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(next);
    }
  }
  return reached;
}

function describeGroup(members: readonly string[], importsByNodes: ImportsByNodes): string {
  const lines = members.toSorted().flatMap((from) =>
    [...(importsByNodes.get(from) ?? [])]
      .filter(([to]) => members.includes(to))
      .map(([to, arrows]) => {
        const head = `${from} -> ${to}`;
        const files = new Set(arrows.map((arrow) => `${arrow.from} -> ${arrow.to}`));
        files.delete(head);
        return [head, ...[...files].map((file) => `    ${file}`)].join('\n');
      }),
  );
  return lines.join('\n');
}
