import { withoutBackgroundSuffix } from './mode.ts';

/**
 * Netlify and Identity events that call a function by its file name. The name may also end in
 * `-background`.
 */
const eventNames: ReadonlySet<string> = new Set([
  'deploy-building',
  'deploy-succeeded',
  'deploy-failed',
  'deploy-deleted',
  'deploy-locked',
  'deploy-unlocked',
  'submission-created',
  'split-test-activated',
  'split-test-deactivated',
  'split-test-modified',
  'identity-validate',
  'identity-signup',
  'identity-login',
]);

/**
 * The slug of the event that a function's name subscribes to, such as `deploy_succeeded`; undefined
 * for other names.
 */
export function eventOfName(functionName: string): string | undefined {
  const name = withoutBackgroundSuffix(functionName);
  return eventNames.has(name) ? name.replaceAll('-', '_') : undefined;
}
