export interface SignalWatch {
  /**
   * Resolves at the first SIGINT or SIGTERM; from then on the next SIGINT ends the process at once
   * with 130.
   */
  readonly first: Promise<void>;
}

/** Watched from before the start, so that a signal during it is not lost. */
export function watchSignals(): SignalWatch {
  const first = new Promise<void>((resolve) => {
    let stopping = false;
    process.on('SIGTERM', () => {
      stopping = true;
      resolve();
    });
    process.on('SIGINT', () => {
      // The workers of a process that ends here are ended by their guard; what they ran is rescued at the next start.
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    });
  });
  return { first };
}
