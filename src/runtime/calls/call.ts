/** A checked request for a function, with its body: the source of the function's event. */
export interface IncomingCall {
  readonly method: string;
  /** `http://host`, no slash at the end. */
  readonly origin: string;
  /** Percent-encoded; without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Name, value, name, value … as the caller sent them. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly clientIp: string;
  /** The `path` route that matched, as its author wrote it. */
  readonly route?: string | undefined;
}

/** The source of a call that the platform made itself; empty for a call from outside. */
export interface CallSource {
  /** An event of the site, such as `deploy_succeeded`. The function finds it in `x-netlify-event`. */
  readonly netlifyEvent?: string | undefined;
  /** `schedule`: the function finds it in `x-nf-event`. */
  readonly nfEvent?: string | undefined;
}
