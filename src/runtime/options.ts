import type { DeployedFunction } from './deployed-function.ts';
import type { Retention } from './housekeeping.ts';
import type { HttpLimits } from './http/server/http-server.ts';
import type { SiteOptions } from './load/site.ts';
import type { NewLogLine } from './logs/log-store.ts';
import type { Clock } from './platform/clock.ts';

/** The loopback address: only this machine can reach it. */
export const defaultHost = '127.0.0.1';

/** How to start a runtime. Only `artifactsDirectory` has no default. */
export interface RuntimeOptions {
  /** The directory of `manifest.json` and the zips that it names. */
  readonly artifactsDirectory: string;
  /** Default 8888; 0 takes a free port. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: only this machine. */
  readonly host?: string | undefined;
  /**
   * Default: no admin port. 0 takes a free port; `auto` takes 8889, or a free port if 8889 is
   * taken.
   */
  readonly adminPort?: number | 'auto' | undefined;
  /** Default 127.0.0.1. Any address that other machines can reach needs `adminToken`. */
  readonly adminHost?: string | undefined;
  readonly adminToken?: string | undefined;
  /** The key that signs requests to destinations; without a key they are not signed. */
  readonly webhookSecret?: string | undefined;
  /**
   * The queue's file. Default `.bgfn/queue.db` in the working directory. The logs are in `logs.db`
   * beside it, extracted artifacts in `functions/`.
   */
  readonly storeFile?: string | undefined;
  /** The highest number of background invocations that run at once. Default 16. */
  readonly concurrency?: number | undefined;
  /**
   * The same for one function. Default: half of `concurrency`, at least 1, so that one function
   * leaves room for the others.
   */
  readonly perFunctionConcurrency?: number | undefined;
  /**
   * The highest number of sync calls of one function that run at once; each has a process of its
   * own. Default 8.
   */
  readonly syncConcurrency?: number | undefined;
  /** The highest number of waiting sync calls of one function; further calls get 503. Default 1000. */
  readonly syncQueue?: number | undefined;
  /** Replaces every function's delays between attempts. For development. */
  readonly retryDelaysSeconds?: readonly number[] | undefined;
  /** Files of `NAME=value` lines for the functions; the environment of the process takes precedence. */
  readonly envFiles?: readonly string[] | undefined;
  readonly site?: SiteOptions | undefined;
  /** Sets NETLIFY_DEV and NETLIFY_LOCAL for the functions. Default false. */
  readonly development?: boolean | undefined;
  /**
   * Whether X-Forwarded-For and X-Forwarded-Proto are trusted: only for a runtime behind a proxy
   * that sets them. Default false.
   */
  readonly trustProxy?: boolean | undefined;
  readonly httpLimits?: Partial<HttpLimits> | undefined;
  /** Default: log lines and ended invocations 7 days, failed invocations 30. */
  readonly retention?: Partial<Retention> | undefined;
  /** Called with every log line as it comes; the log store gets the line as well. */
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
   * that they began with. Everything that starts later runs on the new version, including queued
   * invocations and retries: an invocation belongs to its function, not to a version of the
   * function. Rejects, and the old deployment stays, if the new manifest or an artifact is broken
   * or the runtime is being closed. Reloads run one after the other; the calls that come during a
   * reload share the next one.
   */
  reload(): Promise<void>;
  /**
   * Stops accepting calls, lets the running ones finish for up to `drainTimeoutMs` (default 30 s),
   * puts invocations that were cut off back into the queue, and closes everything. Further calls
   * return the same promise.
   */
  close(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
}
