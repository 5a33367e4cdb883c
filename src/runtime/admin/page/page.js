import { actions, choose } from './actions.js';
import { showFilters } from './address.js';
import { byId } from './elements.js';
import { followLogs, resumeLogs } from './logs.js';
import { refresh } from './refresh.js';

const refreshMs = 2_000;

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-action]');
  if (button !== null) actions[button.dataset.action](button.dataset.value, button);
});
for (const name of ['function', 'state', 'level']) {
  byId(`filter-${name}`).addEventListener('change', ({ target }) => choose(name, target.value));
}
byId('pause').addEventListener('change', resumeLogs);
const logFilters = () => byId('filter-function').value + byId('filter-level').value;

// The address has changed: by Back, by Forward, or by a link to an invocation.
addEventListener('popstate', () => {
  const followed = logFilters();
  showFilters();
  if (logFilters() !== followed) followLogs();
  void refresh();
});
addEventListener('resize', () => void refresh());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});

showFilters();
followLogs();
await refresh();
for (;;) {
  await new Promise((resolve) => {
    setTimeout(resolve, refreshMs);
  });
  if (!document.hidden) await refresh();
}
