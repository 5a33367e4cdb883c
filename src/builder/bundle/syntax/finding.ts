/**
 * Something a file does that one bundled file cannot reproduce by itself:
 *
 * - `own-files`: reads files beside itself by a path with a literal in it (`join(__dirname,
 *   'data.bin')`)
 * - `own-directory`: passes its own location to other code, so any file of its package may be read
 * - `own-modules`: loads modules of its own package by a computed path (`require('./dialects/' +
 *   name)`)
 * - `native`: loads an addon through a package that looks for the addon beside its caller
 * - `named-modules`: loads modules whose whole name is known only at run time; this works in one file
 *   if the modules are in the artifact
 * - `hidden-modules`: loads packages through another name of `require` (`eval('require')`, `const
 *   load = require`), so a bundler does not see which
 * - `sloppy`: is CommonJS that means something else in strict mode, or asks its `module` object who
 *   loaded it
 * - `loader-hook`: hooks into Node's module loader, and so changes modules that are not bundled
 */
export type Finding =
  | 'own-files'
  | 'own-directory'
  | 'own-modules'
  | 'native'
  | 'named-modules'
  | 'hidden-modules'
  | 'sloppy'
  | 'loader-hook';
