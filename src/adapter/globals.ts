import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The async-local state of a request. `getContext()` of `@netlify/functions` reads `context` from
 * this state.
 */
export interface RequestScope {
  readonly context: object;
}

const storeKey = Symbol.for('@netlify/functions/request-context-store');
const globals = globalThis as Record<PropertyKey, unknown>;

/**
 * The store that is shared with `@netlify/functions` and with the adapters of other artifacts. The
 * module that is loaded first creates the store.
 */
export const requestStore: AsyncLocalStorage<RequestScope> =
  globals[storeKey] instanceof AsyncLocalStorage
    ? globals[storeKey]
    : new AsyncLocalStorage<RequestScope>();
globals[storeKey] = requestStore;

globals['Netlify'] ??= {
  get context() {
    return requestStore.getStore()?.context ?? null;
  },
  env: {
    get: (name: string) => process.env[name],
    set: (name: string, value: string) => {
      process.env[name] = value;
    },
    has: (name: string) => name in process.env,
    delete: (name: string) => {
      delete process.env[name];
    },
    toObject: () => ({ ...process.env }),
  },
};
