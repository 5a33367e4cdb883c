export interface SignalWatch {
  /**
   * Resolves at the first SIGINT or SIGTERM; from then on the next SIGINT ends the process at once
   * with 130.
   */
  readonly first: Promise<void>;
}

/** Watches for the end of a service; called before its start, so that a signal during it counts. */
export function watchSignals(): SignalWatch {
  const first = new Promise<void>((resolve) => {
    let stopping = false;
    process.on('SIGTERM', () => {
      stopping = true;
      resolve();
    });
    process.on('SIGINT', () => {
      // The guard ends the workers of a process that ends here; what they ran is rescued at the next start.
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    });
  });
  return { first };
}
