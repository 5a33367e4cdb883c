/**
 * The program of a Node worker: a Lambda runtime client. The program loads the function's handler
 * and takes invocations from the Runtime API at AWS_LAMBDA_RUNTIME_API until the API does not
 * respond any more. Because the program runs in the function's process, it imports only `node:`
 * modules and those files of bgfn that do the same.
 */
import { reportOf } from './error-report.ts';
import { InvocationLoop } from './invocation-loop.ts';
import { loadHandler } from './load-handler.ts';
import { installAwsLambdaGlobal } from './response-stream.ts';
import { RuntimeConnection } from './runtime-connection.ts';
import { keepTraceVariable } from './trace-variable.ts';

const {
  AWS_LAMBDA_RUNTIME_API: address,
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: handlerName,
} = process.env;
if (address === undefined || taskRoot === undefined || handlerName === undefined) {
  console.error(
    'AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT and _HANDLER must be set: ' +
      'this program is started by a Lambda runtime.',
  );
  process.exit(2);
}

writeSynchronously(process.stdout);
writeSynchronously(process.stderr);

const connection = new RuntimeConnection(address);
const loop = new InvocationLoop(connection, keepTraceVariable());
let loaded = false;
let exiting = false;

process.on('uncaughtException', (error) => void exitWith(error));
process.on('unhandledRejection', (reason) => void exitWith(reason));
process.on('beforeExit', () => {
  if (!loaded) {
    void exitWith(
      new Error(
        'The module never finished loading: ' +
          'a top-level await waits for something that never happens.',
      ),
    );
  }
});

installAwsLambdaGlobal();
try {
  const handler = await loadHandler(taskRoot, handlerName);
  loaded = true;
  await runUntilGone(handler);
} catch (error) {
  await exitWith(error);
}

async function runUntilGone(handler: Parameters<InvocationLoop['run']>[0]): Promise<void> {
  try {
    await loop.run(handler);
  } catch {
    // The runtime does not respond any more: it has ended, or has closed the Runtime API of this
    // worker.
    process.exit(0);
  }
}

/** Reports an uncaught error to the runtime, and exits. */
async function exitWith(error: unknown): Promise<void> {
  // More uncaught errors may follow while the first one is reported, as with a Promise.all. An exit
  // because of a later error would cut off the report of the first.
  if (exiting) return;
  exiting = true;
  try {
    if (!loaded) await connection.failInit(reportOf(error));
    else if (!(await loop.fault(error))) console.error(error);
  } finally {
    process.exit(1);
  }
}

/**
 * Makes the writes to a stream synchronous, so that output is not lost when `process.exit()` or a
 * crash follows. Writes stay asynchronous where Node cannot make them synchronous.
 */
function writeSynchronously(stream: NodeJS.WriteStream): void {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (
    typeof handle === 'object' &&
    handle !== null &&
    'setBlocking' in handle &&
    typeof handle.setBlocking === 'function'
  ) {
    handle.setBlocking(true);
  }
}
