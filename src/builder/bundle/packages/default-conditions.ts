/**
 * The conditions that Node 22 and newer follow in the `exports` and `imports` of a package, besides
 * `node`, `import`, `require` and `default`.
 *
 * Source: https://nodejs.org/api/packages.html#conditional-exports
 */
export const defaultConditions: readonly string[] = ['node-addons', 'module-sync'];
