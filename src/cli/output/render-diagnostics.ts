import pc from 'picocolors';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { renderDiagnostic } from './render-diagnostic.ts';

/** How many lines the diagnostics of one kind may take: a screen. At least one is rendered. */
const mostLinesOfKind = 40;

/**
 * Renders the diagnostics of a command with an empty line after each. Equal findings about several
 * functions are rendered once. Of one kind (severity and code) no more than a screen is rendered,
 * and then how many more there are. `--json` prints all of them.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const merged = mergeFunctions(diagnostics);
  const rest = new Map<string, number>();
  for (const one of merged) rest.set(kindOf(one), (rest.get(kindOf(one)) ?? 0) + 1);
  const room = new Map<string, number>();
  let text = '';
  for (const one of merged) {
    const kind = kindOf(one);
    const left = room.get(kind) ?? mostLinesOfKind;
    if (left <= 0) continue;
    const rendered = clipped(renderDiagnostic(one));
    const lines = rendered.split('\n').length;
    const others = (rest.get(kind) ?? 1) - 1;
    rest.set(kind, others);
    room.set(kind, left - lines);
    text += `${rendered}\n`;
    if (left - lines <= 0 && others > 0) text += `${moreOfKind(one, others)}\n\n`;
  }
  return text;
}

function kindOf({ severity, code }: Diagnostic): string {
  return `${severity} ${code}`;
}

function moreOfKind({ code, severity }: Diagnostic, count: number): string {
  const kind = `${severity}${count === 1 ? '' : 's'} of this kind (${code})`;
  return pc.dim(
    `… and ${count.toLocaleString('en-US')} more ${kind}; bgfn build --json prints all of them.`,
  );
}

/** Cuts a diagnostic that is longer than a screen by itself, such as the output of a compiler. */
function clipped(rendered: string): string {
  const lines = rendered.split('\n');
  if (lines.length <= mostLinesOfKind) return rendered;
  const hidden = lines.length - mostLinesOfKind;
  return `${lines.slice(0, mostLinesOfKind).join('\n')}\n${pc.dim(`    … ${hidden} more lines`)}\n`;
}

/** Most functions that are named in one diagnostic. */
const mostNames = 3;

/** Makes one diagnostic of those that differ in the name of the function alone. */
function mergeFunctions(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = new Map<string, { readonly first: Diagnostic; readonly names: Set<string> }>();
  for (const diagnostic of diagnostics) {
    const { functionName, ...content } = diagnostic;
    const key = JSON.stringify(content);
    const group = groups.get(key) ?? { first: diagnostic, names: new Set<string>() };
    groups.set(key, group);
    if (functionName !== undefined) group.names.add(functionName);
  }
  return Array.from(groups.values(), ({ first, names }) => withNames(first, [...names]));
}

function withNames(diagnostic: Diagnostic, names: readonly string[]): Diagnostic {
  return names.length < 2 ? diagnostic : { ...diagnostic, functionName: joinedNames(names) };
}

function joinedNames(names: readonly string[]): string {
  const more = names.length - mostNames;
  const shown = names.slice(0, mostNames).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
