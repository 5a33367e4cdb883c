import { changeInvocation, copy, retryAll } from './actions.js';
import { filters, setFilter, showFilters, turnPage } from './address.js';
import { api } from './api.js';
import { byId } from './elements.js';
import { closeDetail, showDetail } from './invocation-detail.js';
import { showInvocations } from './invocation-list.js';
import { openInvoke, sendInvoke } from './invoke.js';
import { followLogs, keepFollowing, resumeLogs } from './logs.js';
import { showFunctions, showPlots, showTiles } from './overview.js';
import { showConnected, showProblem } from './status.js';

const refreshMs = 2_000;

async function refresh() {
  try {
    const [all, { samples }] = await Promise.all([api('/api/functions'), api('/api/history')]);
    const functions = [...all.functions, ...all.others];
    showFunctions(functions);
    showTiles(functions);
    showPlots(samples, functions);
    await Promise.all([showInvocations(functions), showDetail()]);
    showConnected();
    keepFollowing();
  } catch (error) {
    showProblem(error);
  }
  byId('main').classList.remove('loading');
}

function choose(name, value) {
  setFilter(name, value);
  if (name !== 'state') followLogs();
  if (name !== 'level') void refresh();
}

/**
 * What each button does, by its `data-action`; it is given the button's `data-value`. Buttons have
 * no listeners of their own, so that a refresh can reuse their elements.
 */
const actions = {
  'open-invoke': openInvoke,
  'filter-state': (state) => choose('state', filters().state === state ? '' : state),
  'filter-function': (name) => choose('function', filters().function === name ? '' : name),
  'turn-page': (before) => {
    turnPage(before);
    void refresh();
  },
  'all-invocations': () => {
    setFilter('state', '');
    choose('function', '');
  },
  copy: (text, button) => void copy(text, button),
  retry: (id) => void changeInvocation(id, 'retry'),
  cancel: (id) => void changeInvocation(id, 'cancel'),
  'close-detail': closeDetail,
  'retry-all': () => void retryAll(),
  'send-invoke': () => void sendInvoke(),
};

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-action]');
  if (button !== null) actions[button.dataset.action](button.dataset.value, button);
});
for (const name of ['function', 'state', 'level']) {
  byId(`filter-${name}`).addEventListener('change', ({ target }) => choose(name, target.value));
}
byId('pause').addEventListener('change', resumeLogs);
const logFilters = () => byId('filter-function').value + byId('filter-level').value;

// Back, forward, and a link to an invocation.
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
