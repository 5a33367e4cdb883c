#!/usr/bin/env node
import { oldNodeMessage } from './process/node-version.ts';

const message = oldNodeMessage();
if (message === undefined) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const [{ buildCommand }, { runCli }] = await Promise.all([
    import('./commands/build.ts'),
    import('./run-cli.ts'),
  ]);
  process.exitCode = await runCli(buildCommand().name('bgfn-build'), process.argv);
} else {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
