export interface Interrupt extends Disposable {
  /** Aborted by Ctrl-C or a termination request. */
  readonly signal: AbortSignal;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort and exit code 130, until it is disposed; a second
 * signal ends the process in the usual way.
 */
export function interruptSignal(): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    process.exitCode = 130;
    controller.abort();
    dispose();
  };
  const dispose = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { signal: controller.signal, [Symbol.dispose]: dispose };
}
