#!/usr/bin/env node
import { oldNodeMessage } from './process/node-version.ts';

const message = oldNodeMessage();
if (message === undefined) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const [{ buildCommand }, { runCli }, { bgfnVersion }] = await Promise.all([
    import('./commands/build.ts'),
    import('./run-cli.ts'),
    import('../builder/tool-versions.ts'),
  ]);
  const command = buildCommand().name('bgfn-build').version(bgfnVersion(), '-v, --version');
  process.exitCode = await runCli(command, process.argv);
} else {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
