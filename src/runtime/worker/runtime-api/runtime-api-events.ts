import type { RunFailure } from '../worker.ts';
import type { StreamedResponse } from './streamed-response.ts';

/** What the worker does, as its Runtime API sees it. */
export interface RuntimeApiEvents {
  /** It asked for its first invocation. */
  onReady(): void;
  /** It was given the event. */
  onTaken(): void;
  onResponse(body: Uint8Array): void;
  /** A streamed response has begun. */
  onStream(response: StreamedResponse): void;
  /**
   * A streamed response has ended. `failure`: the error in its trailers. The stream that the caller
   * reads ends when the promise resolves.
   */
  onStreamEnd(failure: RunFailure | undefined): Promise<void>;
  /** It asked for an invocation after it had answered one: it is done with that one. */
  onAskedAgain(): void;
  /** `exiting`: it said that it ends now and takes nothing more. */
  onFailure(failure: RunFailure, exiting: boolean): void;
  onInitFailure(failure: RunFailure): void;
}
