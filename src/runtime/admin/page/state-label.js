import { h } from './elements.js';
import { age } from './format.js';

/** The state of an invocation, with the remaining wait if the invocation waits for a retry. */
export function stateLabel({ state, availableAtMs }) {
  const waitMs = state === 'queued' ? availableAtMs - Date.now() : 0;
  return h(
    'span',
    {},
    h('span', { class: `state ${state}` }, state),
    waitMs > 0 ? h('span', { class: 'soft' }, ` in ${age(waitMs)}`) : undefined,
  );
}
