import { isSuspicious } from '../syntax/suspicious-text.ts';
import type { Statement } from '../syntax/top-level.ts';
import { plainImportsOf } from './plain-imports.ts';

/**
 * Reduces a module to the statements that can lead a tracer to a file; the tracer finds the same
 * files in them. Kept are the statements that may do more than import by literal names, the
 * statements that use a name declared by one of these (`const here = __dirname` … `read(here +
 * '/x')`), and the declarations that a kept statement mentions. The other statements are reduced to
 * their imports.
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

/** Keeps the statements that use a name declared by a kept statement, and the users of these. */
function addUsers(kept: Set<StatementText>, statements: readonly StatementText[]): void {
  let names = new Set([...kept].flatMap(({ declares }) => declares));
  while (names.size > 0) {
    const escaped = [...names].map((name) => name.replaceAll('$', String.raw`\$`));
    const mentions = new RegExp(String.raw`(?<![\w$])(?:${escaped.join('|')})(?![\w$])`);
    const users = statements.filter(
      (statement) => !kept.has(statement) && mentions.test(statement.text),
    );
    for (const user of users) kept.add(user);
    names = new Set(users.flatMap(({ declares }) => declares));
  }
}

/** Keeps the declarations of the names that kept statements mention, and so on. */
function addDeclarations(kept: Set<StatementText>, statements: readonly StatementText[]): void {
  const declarations = new Map<string, StatementText[]>();
  for (const statement of statements) {
    for (const name of statement.declares) {
      declarations.set(name, [...(declarations.get(name) ?? []), statement]);
    }
  }
  // The loop also visits the statements that are added to the set while it runs.
  for (const { text } of kept) {
    for (const [name] of text.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) {
      for (const declaration of declarations.get(name) ?? []) kept.add(declaration);
    }
  }
}
