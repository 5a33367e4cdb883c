/**
 * Node's `http`, fetched without `import`. To import a built-in module Node reads every export of
 * it once, and of `node:http` some stand for fetch and WebSocket, which are loaded by being read:
 * 20 ms and 13 MB in every process (Node 24.21), used or not.
 */
export const http = process.getBuiltinModule('node:http');
