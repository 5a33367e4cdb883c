import { isSuspicious } from '../syntax/scan-source.ts';
import type { Statement } from '../syntax/top-level.ts';
import { plainImportsOf } from './plain-imports.ts';

/**
 * Of a module the statements that can lead a tracer to a file, as a text it finds the same files
 * in. Kept are the statements that may do more than import by literal names, those that use what
 * these declare (`const here = __dirname` … `read(here + '/x')`), and the declarations that any of
 * them mentions. Of the others their imports are left.
 */
export function relevantStatements(source: string, statements: readonly Statement[]): string {
  const texts = statements.map(({ start, end, declares, isLink }) => ({
    text: source.slice(start, end),
    declares,
    isLink,
  }));
  return keptTexts(texts)
    .filter((text) => text !== '')
    .join('\n;');
}

type StatementText = Pick<Statement, 'declares' | 'isLink'> & { readonly text: string };

function keptTexts(statements: readonly StatementText[]): readonly string[] {
  const kept = new Set(statements.filter(({ text }) => isSuspicious(text)));
  addUsers(kept, statements);
  addDeclarations(kept, statements);
  return statements.map((statement) =>
    kept.has(statement) || statement.isLink
      ? statement.text
      : (plainImportsOf(statement.text) ?? statement.text),
  );
}

/** Who uses a name that a kept statement gives to something. */
function addUsers(kept: Set<StatementText>, statements: readonly StatementText[]): void {
  let names = new Set([...kept].flatMap(({ declares }) => declares));
  while (names.size > 0) {
    const mentions = new RegExp(
      `(?<![\\w$])(?:${[...names].map((name) => name.replaceAll('$', String.raw`\$`)).join('|')})(?![\\w$])`,
    );
    const users = statements.filter(
      (statement) => !kept.has(statement) && mentions.test(statement.text),
    );
    for (const user of users) kept.add(user);
    names = new Set(users.flatMap(({ declares }) => declares));
  }
}

/** What a kept statement mentions, and what that mentions. */
function addDeclarations(kept: Set<StatementText>, statements: readonly StatementText[]): void {
  const declarations = new Map<string, StatementText[]>();
  for (const statement of statements) {
    for (const name of statement.declares) {
      declarations.set(name, [...(declarations.get(name) ?? []), statement]);
    }
  }
  // A set that grows while it is walked is walked to its end.
  for (const { text } of kept) {
    for (const [name] of text.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) {
      for (const declaration of declarations.get(name) ?? []) kept.add(declaration);
    }
  }
}
