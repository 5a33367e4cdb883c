import path from 'node:path';

/** Where a module names its own location. */
export interface LocationUses {
  /** `__dirname` and `__filename`, where the module does not declare them itself. */
  readonly freeNames: readonly string[];
  /** `import.meta.url`, `import.meta.dirname` and `import.meta.filename`. */
  readonly metaProperties: readonly {
    readonly start: number;
    readonly end: number;
    readonly name: string;
  }[];
  /** Where the first statement that is no directive begins. */
  readonly firstStatement: number;
}

/**
 * Puts the file's place in the artifact into its text, where the text names its own location. The
 * artifact mirrors the project: the file's neighbours in the one are its neighbours in the other.
 * Undefined when the text does not name its location. `__bgfnRoot` and `__bgfnPath` come from the
 * banner (esbuild/banner.ts).
 */
export function rewriteLocations(
  source: string,
  { freeNames, metaProperties, firstStatement }: LocationUses,
  artifactPath: string,
): string | undefined {
  if (freeNames.length === 0 && metaProperties.length === 0) return undefined;
  const expressions = locationExpressions(artifactPath);
  const edits = metaProperties.map(({ start, end, name }) => ({
    start,
    end,
    text: expressions(name),
  }));
  if (freeNames.length > 0) {
    // `var`, on the first statement's own line: no line moves, and a circular import never finds
    // it uninitialized.
    const declarations = freeNames.map((name) => `${name} = ${expressions(name)}`);
    edits.push({
      start: firstStatement,
      end: firstStatement,
      text: `var ${declarations.join(', ')}; `,
    });
  }
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
