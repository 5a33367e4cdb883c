import { backgroundTimeoutSeconds, syncTimeoutSeconds } from '../../manifest/schema.ts';
import type { FunctionSettings } from '../config/function-settings.ts';

/** How a call of the function is answered: at once with 202, or with the function's own response. */
export type Mode = 'background' | 'sync';

/** On Netlify a function whose name ends like this is a background function. */
const backgroundSuffix = '-background';

/** Decides the mode: either the function's name or its `background` setting makes it background. */
export function modeOf(name: string, { background }: FunctionSettings): Mode {
  return hasBackgroundName(name) || background === true ? 'background' : 'sync';
}

/** The longest run of a function, in seconds; it is the default of `timeout`, too. */
export function timeoutLimitOf(mode: Mode): number {
  return mode === 'background' ? backgroundTimeoutSeconds : syncTimeoutSeconds;
}

export function hasBackgroundName(name: string): boolean {
  return name.endsWith(backgroundSuffix);
}

export function withoutBackgroundSuffix(name: string): string {
  return hasBackgroundName(name) ? name.slice(0, -backgroundSuffix.length) : name;
}
