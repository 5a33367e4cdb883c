import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperatorCalls } from '../../calls/operator-calls.ts';
import type { LoadedFunction } from '../../load/load-functions.ts';
import type { LogStore } from '../../logs/log-store.ts';
import type { Store } from '../../queue/store.ts';
import type { History } from './history.ts';
import type { LogStreams } from './log-stream.ts';

/** What the endpoints of the admin API read and change. */
export interface ApiContext extends OperatorCalls {
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logStreams: LogStreams;
  readonly history: History;
  readonly now: () => number;
  readonly functions: () => readonly LoadedFunction[];
  /** Tells the dispatcher that the queue has work again. */
  readonly wake: () => void;
}

/** One request to an endpoint, with its answer still to be written. */
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the groups of the route's path matched, decoded. */
  readonly parameters: readonly string[];
  readonly context: ApiContext;
}
