import { isSuspicious } from '../syntax/scan-source.ts';

/**
 * The ways to import by a literal name: what stands before the name, its quote, the name. The name
 * is looked at and not consumed: in `{ 'dynamic-import': require('x') }` it is no name.
 */
const literalImport =
  /(?<![\w$])(from|import|import\s*\(|require\s*\()\s*(["'])(?=((?:(?!\2)[^\\\n])+)\2)/g;
/** A comment between the word and the name, or an escape in the name: for a real parser. */
const hiddenName = /(?<![\w$])(?:from|import|(?:import|require)\s*\()\s*(?:\/[*/]|["'][^"'\n]*\\)/;
/** A line that looks like one of a comment, up to the import in it. */
const commentLine = /(?:^|\n)[^\S\n]*(?:\/\/|\/?\*)[^\n]*$/;
const longestCommentLine = 300;

/**
 * The imports of a module and nothing else, as a text that imports the same; undefined when the
 * module does more (reads beside itself, computes names) or its imports cannot be told from
 * comments for sure. Most installed modules are plain like this, and a tracer that is given this
 * text instead finds the same files without parsing the rest.
 */
export function plainImports(source: Buffer): string | undefined {
  const text = source.toString('latin1');
  return isSuspicious(text)
    ? undefined
    : importsIn(text, (name) => Buffer.from(name, 'latin1').toString());
}

/** The same of a text of which that is known: it does nothing but import by literal names. */
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
    // `import()` is resolved as a statement is, and allowed beside `require`: what merely looks like a statement ("copied from 'x'") then does no harm.
    statements.add(how.startsWith('require') ? `require(${specifier});` : `import(${specifier});`);
  }
  return [...statements].join('\n');
}
