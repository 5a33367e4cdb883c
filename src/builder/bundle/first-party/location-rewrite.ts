import path from 'node:path';

/** The places where a module names its own location. */
export interface LocationUses {
  /** `__dirname` and `__filename`, unless the module declares them itself. */
  readonly freeNames: readonly string[];
  /** `import.meta.url`, `import.meta.dirname` and `import.meta.filename`. */
  readonly metaProperties: readonly {
    readonly start: number;
    readonly end: number;
    readonly name: string;
  }[];
  /** Position of the first statement that is not a directive. */
  readonly firstStatement: number;
}

/** A range of a text and the text that replaces it. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Replaces the expressions by which a text names its own location with the file's place in the
 * artifact. The artifact mirrors the project, so a file has the same neighbours in both. The banner
 * (esbuild/banner.ts) declares `__bgfnRoot` and `__bgfnPath`.
 */
export function locationEdits(
  { freeNames, metaProperties, firstStatement }: LocationUses,
  artifactPath: string,
): readonly TextEdit[] {
  const expressions = locationExpressions(artifactPath);
  const edits = metaProperties.map(({ start, end, name }) => ({
    start,
    end,
    text: expressions(name),
  }));
  if (freeNames.length > 0) {
    // `var`, on the line of the first statement: all lines keep their numbers, and a circular
    // import that reads the name too early does not throw.
    const declarations = freeNames.map((name) => `${name} = ${expressions(name)}`);
    edits.push({
      start: firstStatement,
      end: firstStatement,
      text: `var ${declarations.join(', ')}; `,
    });
  }
  return edits;
}

/** Applies edits to a text; undefined when there are none. */
export function editedText(source: string, edits: readonly TextEdit[]): string | undefined {
  if (edits.length === 0) return undefined;
  let text = source;
  for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  return text;
}

function locationExpressions(artifactPath: string): (name: string) => string {
  const file = JSON.stringify(encodeURI(artifactPath));
  const directory = JSON.stringify(encodeURI(path.posix.dirname(artifactPath)));
  return (name) => {
    switch (name) {
      case 'url':
        return `(__bgfnRoot + ${file})`;
      case 'dirname':
      case '__dirname':
        return `__bgfnPath(${directory})`;
      default:
        return `__bgfnPath(${file})`;
    }
  };
}
