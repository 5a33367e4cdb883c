import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More than the two CPUs of a small machine: many tests wait for processes and for time.
    maxWorkers: 3,
    // The processes and threads that tests start run our sources: without it each would strip their types again.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'bgfn-test-compile-cache') },
  },
});
