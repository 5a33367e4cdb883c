export interface Interrupt extends Disposable {
  /** Aborted by Ctrl-C or a termination request. */
  readonly signal: AbortSignal;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort and exit code 130, until the interrupt is
 * disposed. A second signal ends the process at once.
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
