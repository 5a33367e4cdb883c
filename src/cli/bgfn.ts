#!/usr/bin/env node
import { oldNodeMessage } from './process/node-version.ts';

const message = oldNodeMessage();
if (message === undefined) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const [{ createProgram }, { runCli }] = await Promise.all([
    import('./program.ts'),
    import('./run-cli.ts'),
  ]);
  process.exitCode = await runCli(await createProgram(process.argv), process.argv);
} else {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
