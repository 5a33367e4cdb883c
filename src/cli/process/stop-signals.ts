export interface SignalWatch {
  /**
   * Resolves at the first SIGINT or SIGTERM; from then on the next SIGINT ends the process at once
   * with 130.
   */
  readonly first: Promise<void>;
}

/**
 * Watches for the signals that stop a service. Call it before the start, so that a signal during
 * the start counts.
 */
export function watchSignals(): SignalWatch {
  const first = new Promise<void>((resolve) => {
    let stopping = false;
    process.on('SIGTERM', () => {
      stopping = true;
      resolve();
    });
    process.on('SIGINT', () => {
      // The guard kills the workers of a process that exits here. Their runs are rescued at the
      // next start.
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    });
  });
  return { first };
}
