/** A line that a function printed, or that the runtime wrote about an attempt. */
export interface LogLine {
  /** Increases by one with each line. `follow` continues after the last sequence that it has read. */
  readonly sequence: number;
  readonly atMs: number;
  readonly functionName: string;
  /** Absent for a line that a worker prints between invocations. */
  readonly invocationId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly level: LogLevel;
  readonly text: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type NewLogLine = Omit<LogLine, 'sequence'>;

/**
 * Stores the log lines, in a file of their own beside the queue. Lines are written in batches
 * without waiting for the disk, so that a function that prints a lot never slows the accept of a
 * call. A power cut may lose the lines of the last moment; invocations are never lost.
 */
export interface LogStore {
  append(lines: readonly NewLogLine[]): void;
  /** Resolves when other processes can read all lines appended so far. */
  flush(): Promise<void>;
  /** Reads the lines that match, in order of their sequence. */
  read(filter: LogFilter): Promise<readonly LogLine[]>;
  /**
   * Deletes the lines older than `beforeMs`, and the oldest lines beyond `maxLines`. Returns how
   * many lines were deleted.
   */
  prune(limits: PruneLimits): Promise<number>;
  close(): Promise<void>;
}

export interface PruneLimits {
  readonly beforeMs?: number | undefined;
  readonly maxLines?: number | undefined;
}

export interface LogFilter {
  readonly functionName?: string | undefined;
  readonly invocationId?: string | undefined;
  readonly minLevel?: LogLevel | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Only lines after this sequence. */
  readonly afterSequence?: number | undefined;
  /** The last `limit` lines that match, oldest first. */
  readonly limit?: number | undefined;
}
