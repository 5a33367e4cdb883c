import type { OnResolveResult, Plugin } from 'esbuild';

/**
 * How a module from outside the bundle is loaded when its turn comes: `now` by `require`, or
 * `awaited` by `import()`, because its code has an `await` at the top level. A `compiled` import is
 * a `require`, too, and its names mean what they mean to code that was compiled to CommonJS.
 */
export type InPlaceLoad = 'now' | 'awaited' | 'compiled';

/**
 * Provides a module for each import statement that leads out of the bundle and has to be evaluated
 * at its own place. esbuild writes such a statement at the top of its output, so that Node would
 * evaluate the imported module before all bundled code, and even if the importing module is never
 * reached. The provided module loads the other one when its turn comes, and exports the same
 * names.
 *
 * Names that are known only at run time can be imported from a CommonJS module only. The ES module
 * in front of it makes `default` mean the same to all importers, whichever their own format is.
 */
export const inPlacePlugin: Plugin = {
  name: 'bgfn-in-place',
  setup(pluginBuild) {
    const filter = /^(?:now|awaited|compiled|await|load|absent):/;
    pluginBuild.onResolve({ filter: /./, namespace: 'bgfn' }, ({ path, kind }) => {
      if (kind === 'dynamic-import') return { path, external: true };
      return filter.test(path) ? inNamespace(path) : null;
    });
    pluginBuild.onLoad({ filter, namespace: 'bgfn' }, ({ path }) => ({
      contents: textOf(path),
      loader: 'js',
    }));
  },
};

/** Returns the module to import in place of the one with this specifier. */
export function inPlaceImport(specifier: string, load: InPlaceLoad): OnResolveResult {
  return inNamespace(`${load}:${specifier}`);
}

/** Returns a module that fails as an import or a require of a missing file fails. */
export function absentModule(specifier: string, kind: 'import' | 'require'): OnResolveResult {
  const code = kind === 'import' ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
  return inNamespace(`absent:${code}:${specifier}`);
}

function inNamespace(path: string): OnResolveResult {
  return { path, namespace: 'bgfn' };
}

function textOf(path: string): string {
  const [, part = '', rest = ''] = /^(\w+):(.*)$/s.exec(path) ?? [];
  const specifier = JSON.stringify(rest);
  const load = JSON.stringify(`load:${rest}`);
  switch (part) {
    case 'await':
      return `__bgfnAwaited.set(${specifier}, await import(${specifier}));`;
    case 'load':
      return `module.exports = __bgfnImport(${specifier});`;
    case 'compiled':
      // Each importer gets the names that it expects of a CommonJS module.
      return `module.exports = __bgfnOutside(${specifier});`;
    case 'absent':
      return absentText(rest);
    default: {
      const first = part === 'awaited' ? `import ${JSON.stringify(`await:${rest}`)};` : '';
      return `${first}export * from ${load}; export { default } from ${load};`;
    }
  }
}

function absentText(codeAndSpecifier: string): string {
  const [code = '', ...specifier] = codeAndSpecifier.split(':');
  const message = `Cannot find module '${specifier.join(':')}'`;
  // Assigning the exports makes the module CommonJS, from which any name can be imported.
  return (
    `module.exports = {}; ` +
    `throw Object.assign(new Error(${JSON.stringify(message)}), { code: ${JSON.stringify(code)} });`
  );
}
