import { isSuspicious } from '../syntax/suspicious-text.ts';

/**
 * An import by a literal name: the word before the name, its quote, the name. The name is looked at
 * and not consumed, so that the next match can begin in it: in `{ 'dynamic-import': require('x') }`
 * the first quoted text is no name.
 */
const literalImport =
  /(?<![\w$])(from|import|import\s*\(|require\s*\()\s*(["'])(?=((?:(?!\2)[^\\\n])+)\2)/g;
/** A comment between the word and the name, or an escape in the name: only a parser can read it. */
const hiddenName = /(?<![\w$])(?:from|import|(?:import|require)\s*\()\s*(?:\/[*/]|["'][^"'\n]*\\)/;
/** A line that looks like one of a comment, up to the import in it. */
const commentLine = /(?:^|\n)[^\S\n]*(?:\/\/|\/?\*)[^\n]*$/;
const longestCommentLine = 300;

/**
 * A text with the imports of a module and nothing else; undefined when the module does more (reads
 * beside itself, computes names), or when its imports cannot be told from comments for sure. Most
 * installed modules are plain like this. In the shorter text a tracer finds the same files without
 * parsing the rest.
 */
export function plainImports(source: Buffer): string | undefined {
  const text = source.toString('latin1');
  return isSuspicious(text)
    ? undefined
    : importsIn(text, (name) => Buffer.from(name, 'latin1').toString());
}

/** The same for a text that is known to do nothing but import by literal names. */
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
    // `import()` is resolved as an import statement is, and it is allowed beside `require`. So a
    // text that only looks like a statement ("copied from 'x'") does no harm.
    statements.add(how.startsWith('require') ? `require(${specifier});` : `import(${specifier});`);
  }
  return [...statements].join('\n');
}
