/** A request for a function, checked and its body read: what the function's event is made of. */
export interface IncomingCall {
  readonly method: string;
  /** `http://host`, no slash at the end. */
  readonly origin: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Name, value, name, value … as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly clientIp: string;
  /** The `path` route that matched, as its author wrote it. */
  readonly route?: string | undefined;
}

/** Who made a call, when it was the platform itself; nothing for a call from outside. */
export interface CallSource {
  /** An event of the site, such as `deploy_succeeded`. The function finds it in `x-netlify-event`. */
  readonly netlifyEvent?: string | undefined;
  /** `schedule`: the function finds it in `x-nf-event`. */
  readonly nfEvent?: string | undefined;
}
