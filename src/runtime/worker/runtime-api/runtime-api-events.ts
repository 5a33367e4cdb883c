import type { RunFailure } from '../worker.ts';
import type { StreamedResponse } from './streamed-response.ts';

/** What a worker reports through its Runtime API. */
export interface RuntimeApiEvents {
  /** The worker asked for its first invocation. */
  onReady(): void;
  /** The worker was sent the event. */
  onTaken(): void;
  onResponse(body: Uint8Array): void;
  /** A streamed response has begun. */
  onStream(response: StreamedResponse): void;
  /**
   * A streamed response has ended. `failure`: the error in the trailers of the response. The stream
   * that the caller reads ends when the promise resolves.
   */
  onStreamEnd(failure: RunFailure | undefined): Promise<void>;
  /** The worker asked for an invocation after it had answered one. The answered invocation is over. */
  onAskedAgain(): void;
  /** `exiting`: the worker announced that it exits now and takes no more invocations. */
  onFailure(failure: RunFailure, exiting: boolean): void;
  onInitFailure(failure: RunFailure): void;
}
