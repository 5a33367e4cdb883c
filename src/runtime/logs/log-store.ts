/** One line a function printed, or one the runtime says about an attempt. */
export interface LogLine {
  /** Increases by one for each line kept; `follow` continues from it. */
  readonly sequence: number;
  readonly atMs: number;
  readonly functionName: string;
  /** Absent for what a worker prints between invocations. */
  readonly invocationId?: string;
  readonly attempt?: number;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly level: LogLevel;
  readonly text: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type NewLogLine = Omit<LogLine, 'sequence'>;

/**
 * Where log lines are kept: a file of its own beside the queue, written in batches without waiting
 * for the disk, so that a chatty function never slows an accept. Lines written in the last moment
 * before a power cut may be lost; invocations never are.
 */
export interface LogStore {
  append(lines: readonly NewLogLine[]): void;
  /** Resolves once everything appended so far can be read by others. */
  flush(): Promise<void>;
  /** In order of sequence. */
  read(filter: LogFilter): Promise<readonly LogLine[]>;
  /** Deletes lines older than `beforeMs`, and the oldest ones beyond `maxLines`. */
  prune(limits: { readonly beforeMs?: number; readonly maxLines?: number }): Promise<number>;
  close(): Promise<void>;
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
