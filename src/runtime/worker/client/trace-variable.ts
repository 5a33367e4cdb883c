const name = '_X_AMZN_TRACE_ID';

/**
 * Keeps `process.env._X_AMZN_TRACE_ID` in a JavaScript variable, and returns the function that sets
 * it. All other variables of `process.env` stay in the environment of the process. A real
 * environment variable would leak 190 bytes with each invocation, because glibc's `setenv` never
 * frees an earlier value.
 */
export function keepTraceVariable(): (value: string) => void {
  const environment = process.env;
  let current = environment[name];
  Reflect.deleteProperty(environment, name);
  const descriptor = (): PropertyDescriptor | undefined =>
    current === undefined
      ? undefined
      : { value: current, writable: true, enumerable: true, configurable: true };
  const set = (value: string | undefined): true => {
    current = value;
    return true;
  };
  process.env = new Proxy(environment, {
    get: (target, key) => (key === name ? current : Reflect.get(target, key)),
    set: (target, key, value) =>
      key === name ? set(String(value)) : Reflect.set(target, key, value),
    has: (target, key) => (key === name ? current !== undefined : Reflect.has(target, key)),
    deleteProperty: (target, key) =>
      key === name ? set(undefined) : Reflect.deleteProperty(target, key),
    defineProperty: (target, key, attributes) =>
      key === name
        ? set(String(attributes.value))
        : Reflect.defineProperty(target, key, attributes),
    getOwnPropertyDescriptor: (target, key) =>
      key === name ? descriptor() : Reflect.getOwnPropertyDescriptor(target, key),
    ownKeys: (target) =>
      current === undefined ? Reflect.ownKeys(target) : [...Reflect.ownKeys(target), name],
  });
  return set;
}
