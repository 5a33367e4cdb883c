/** A line that a function printed, or that the runtime says about an attempt. */
export interface LogLine {
  /** Increases by one with each line; `follow` continues from it. */
  readonly sequence: number;
  readonly atMs: number;
  readonly functionName: string;
  /** Absent for what a worker prints between invocations. */
  readonly invocationId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly level: LogLevel;
  readonly text: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type NewLogLine = Omit<LogLine, 'sequence'>;

/**
 * The log lines, in a file of their own beside the queue. They are written in batches without
 * waiting for the disk, so that a function that prints much never slows an accept. A power cut may
 * lose the lines of the last moment; invocations are never lost.
 */
export interface LogStore {
  append(lines: readonly NewLogLine[]): void;
  /** Resolves once everything appended so far can be read by others. */
  flush(): Promise<void>;
  /** In order of sequence. */
  read(filter: LogFilter): Promise<readonly LogLine[]>;
  /** Deletes lines older than `beforeMs`, and the oldest ones beyond `maxLines`. */
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
