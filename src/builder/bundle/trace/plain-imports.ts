import { isSuspicious } from '../syntax/suspicious-text.ts';

/**
 * Matches an import by a literal name: the keyword, the quote and the name. The name is only looked
 * ahead at, so that the next match can begin inside it: in `{ 'dynamic-import': require('x') }` the
 * first quoted text is not the name of a module.
 */
const literalImport =
  /(?<![\w$])(from|import|import\s*\(|require\s*\()\s*(["'])(?=((?:(?!\2)[^\\\n])+)\2)/g;
/**
 * Matches a comment between the keyword and the name, or an escape in the name. Only a parser can
 * read such an import.
 */
const hiddenName = /(?<![\w$])(?:from|import|(?:import|require)\s*\()\s*(?:\/[*/]|["'][^"'\n]*\\)/;
/** Matches the start of a line that looks like a comment, up to the import in it. */
const commentLine = /(?:^|\n)[^\S\n]*(?:\/\/|\/?\*)[^\n]*$/;
const longestCommentLine = 300;

/**
 * Reduces a module to its imports; undefined when the module does more (reads files beside itself,
 * computes names), or when its imports cannot be told from comments for sure. Most installed
 * modules can be reduced. A tracer finds the same files in the shorter text without parsing the
 * rest.
 */
export function plainImports(source: Buffer): string | undefined {
  const text = source.toString('latin1');
  return isSuspicious(text)
    ? undefined
    : importsIn(text, (name) => Buffer.from(name, 'latin1').toString());
}

/**
 * Reduces a text that is known to do nothing but import by literal names; undefined when its
 * imports cannot be told from comments for sure.
 */
export function plainImportsOf(text: string): string | undefined {
  return importsIn(text, (name) => name);
}

function importsIn(text: string, decode: (name: string) => string): string | undefined {
  if (hiddenName.test(text)) return undefined;
  const statements = new Set<string>();
  for (const { 1: how = '', 3: name = '', index } of text.matchAll(literalImport)) {
    if (commentLine.test(text.slice(Math.max(0, index - longestCommentLine), index))) {
      return undefined;
    }
    const specifier = JSON.stringify(decode(name));
    // `import()` is resolved like an import statement and may stand beside `require`. So a text
    // that only looks like an import ("copied from 'x'") does no harm.
    statements.add(how.startsWith('require') ? `require(${specifier});` : `import(${specifier});`);
  }
  return [...statements].join('\n');
}
