import path from 'node:path';

/** Files of components, which the compiler of a framework turns into code. */
const components = /\.(?:vue|svelte|astro|mdx|marko|riot)$/i;
const binaries =
  /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|pdf|ttf|otf|woff2?|eot|zip|gz|br|tgz|mp[34]|wav|ogg|webm|mov|bin|dat|db|sqlite3?|xlsx?|docx?|pptx?|pfx|p12|der)$/i;
const parsed: ReadonlyMap<string, string> = new Map([
  ['.yaml', 'yaml'],
  ['.yml', 'yaml'],
  ['.toml', 'smol-toml'],
  ['.json5', 'json5'],
  ['.jsonc', 'jsonc-parser'],
]);

/** How a file is imported: by a statement, by `import()`, or by `require()`. */
export type ImportForm = 'statement' | 'dynamic' | 'require';

/** Says how a function gets the content of a file that is not code. */
export function fileTypeHint(specifier: string, form: ImportForm): string {
  const file = specifier.replace(/[?#].*$/, '');
  if (components.test(file)) {
    return (
      'A component needs the compiler of its framework, which builds pages and no functions: move ' +
      'what the function needs into a .ts or .js file.'
    );
  }
  const isBinary = binaries.test(file);
  const encoding = isBinary ? '' : `, 'utf8'`;
  if (form === 'require') {
    return `Read it: require('node:fs').readFileSync(__dirname + '/${plain(file)}'${encoding}).`;
  }
  const type = isBinary ? 'bytes' : 'text';
  const statement =
    form === 'dynamic'
      ? `import('${file}', { with: { type: '${type}' } })`
      : `import … from '${file}' with { type: '${type}' };`;
  const parser = parsed.get(path.extname(file).toLowerCase());
  const parse = parser === undefined ? '' : ` Parse it with a package such as ${parser}.`;
  return (
    `Import it as ${type}: ${statement}\n` +
    `Or read it: readFileSync(new URL('${file}', import.meta.url)${encoding}).${parse}`
  );
}

function plain(specifier: string): string {
  return specifier.replace(/^\.\//, '');
}
