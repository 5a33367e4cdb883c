import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperatorCalls } from '../../calls/operator-calls.ts';
import type { LoadedFunction } from '../../load/load-functions.ts';
import type { LogStore } from '../../logs/log-store.ts';
import type { Store } from '../../queue/store.ts';
import type { History } from './history.ts';
import type { LogStreams } from './log-stream.ts';

/** The parts of the runtime that the endpoints of the admin API read and change. */
export interface ApiContext extends OperatorCalls {
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logStreams: LogStreams;
  readonly history: History;
  readonly now: () => number;
  readonly functions: () => readonly LoadedFunction[];
  /** Wakes the dispatcher, because an invocation was queued again. */
  readonly wake: () => void;
}

/** One request to an endpoint, and the response that the endpoint writes. */
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The decoded matches of the groups in the route's path. */
  readonly parameters: readonly string[];
  readonly context: ApiContext;
}
