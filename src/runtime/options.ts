import type { DeployedFunction } from './deployed-function.ts';
import type { Retention } from './housekeeping.ts';
import type { HttpLimits } from './http/server/http-server.ts';
import type { SiteOptions } from './load/site.ts';
import type { NewLogLine } from './logs/log-store.ts';
import type { Clock } from './platform/clock.ts';

/** Only this machine can reach it. */
export const defaultHost = '127.0.0.1';

/** How to start a runtime. Only `artifactsDirectory` has no default. */
export interface RuntimeOptions {
  /** Holds `manifest.json` and the zips it names. */
  readonly artifactsDirectory: string;
  /** Default 8888; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: only this machine. */
  readonly host?: string | undefined;
  /**
   * Default: no admin port. 0 takes a free one; `auto` takes 8889, or a free one when that is
   * taken.
   */
  readonly adminPort?: number | 'auto' | undefined;
  /** Default 127.0.0.1. Any address that other machines can reach needs `adminToken`. */
  readonly adminHost?: string | undefined;
  readonly adminToken?: string | undefined;
  /** Signs what is sent to destinations; without it they are not signed. */
  readonly webhookSecret?: string | undefined;
  /**
   * The queue's file. Default `.bgfn/queue.db` in the working directory. The logs are in `logs.db`
   * beside it, extracted artifacts in `functions/`.
   */
  readonly storeFile?: string | undefined;
  /** Background invocations running at once. Default 16. */
  readonly concurrency?: number | undefined;
  /**
   * Of one function. Default: half of `concurrency`, at least 1, so that one function leaves room
   * for the others.
   */
  readonly perFunctionConcurrency?: number | undefined;
  /** Sync calls of one function running at once; each has a process of its own. Default 8. */
  readonly syncConcurrency?: number | undefined;
  /** Sync calls of one function that wait for their turn; more get 503. Default 1000. */
  readonly syncQueue?: number | undefined;
  /** Replaces every function's delays between attempts. For development. */
  readonly retryDelaysSeconds?: readonly number[] | undefined;
  /** Files of `NAME=value` lines for the functions; the process's own environment wins. */
  readonly envFiles?: readonly string[] | undefined;
  readonly site?: SiteOptions | undefined;
  /** Sets NETLIFY_DEV and NETLIFY_LOCAL for the functions. Default false. */
  readonly development?: boolean | undefined;
  /**
   * Believe X-Forwarded-For and X-Forwarded-Proto: only behind a proxy that sets them. Default
   * false.
   */
  readonly trustProxy?: boolean | undefined;
  readonly httpLimits?: Partial<HttpLimits> | undefined;
  /** Default: log lines and ended invocations 7 days, failed invocations 30. */
  readonly retention?: Partial<Retention> | undefined;
  /** Gets every log line as it comes, besides the log store. */
  readonly onLog?: ((line: NewLogLine) => void) | undefined;
  /** For tests. Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

export interface Runtime {
  readonly url: string;
  readonly adminUrl: string | undefined;
  /** The functions deployed now. */
  functions(): readonly DeployedFunction[];
  /**
   * Reads the manifest again and swaps to it in one step. Requests under way finish on the version
   * they began with; whatever starts later runs on the new one, queued invocations and retries
   * included: an invocation belongs to its function, not to a version of it. When the new manifest
   * or an artifact is broken, or the runtime is being closed, this rejects and the old one stays.
   * Calls of it are done one after the other; those that wait for their turn share one.
   */
  reload(): Promise<void>;
  /**
   * Stops accepting, lets what runs finish for up to `drainTimeoutMs` (default 30 s), puts back
   * into the queue what was cut off, and closes everything. Calling it again while it runs gives
   * the same promise.
   */
  close(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
}
