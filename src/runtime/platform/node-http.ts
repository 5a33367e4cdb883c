/**
 * Node's `http` module, loaded without `import`. When a built-in module is imported, Node reads
 * every export of the module once. Some exports of `node:http` are getters for fetch and WebSocket,
 * and reading them loads both: 20 ms and 13 MB in every process (Node 24.21), even if they are not
 * used.
 */
export const http = process.getBuiltinModule('node:http');
