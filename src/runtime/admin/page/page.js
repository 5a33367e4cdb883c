import { api, byId, showConnected, showProblem } from './api.js';
import { change, closeDetail, retryAll, showDetail, showInvocations } from './invocations.js';
import { openInvoke, sendInvoke } from './invoke.js';
import { followLogs, resumeLogs } from './logs.js';
import { showFunctions, showPlots, showTiles } from './overview.js';

const refreshMs = 2_000;

async function refresh() {
  try {
    const [{ functions }, { samples }] = await Promise.all([api('/api/functions'), api('/api/history')]);
    showFunctions(functions);
    showTiles(functions);
    showPlots(samples);
    await Promise.all([showInvocations(), showDetail()]);
    showConnected();
  } catch (error) {
    showProblem(error);
  }
}

/** What a button does; it names its action, so that a refresh can reuse the element. */
const actions = {
  'open-invoke': openInvoke,
  'filter-state': (state) => {
    const select = byId('filter-state');
    select.value = select.value === state ? '' : state;
    void refresh();
  },
  retry: (id) => void change(id, 'retry'),
  cancel: (id) => void change(id, 'cancel'),
  'close-detail': closeDetail,
  'retry-all': () => void retryAll(),
  'send-invoke': () => void sendInvoke(),
};

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-action]');
  if (button !== null) actions[button.dataset.action](button.dataset.value);
});
byId('filter-function').addEventListener('change', () => {
  followLogs();
  void refresh();
});
byId('filter-state').addEventListener('change', () => void refresh());
byId('filter-level').addEventListener('change', followLogs);
byId('pause').addEventListener('change', resumeLogs);
addEventListener('hashchange', () => void refresh());
addEventListener('resize', () => void refresh());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});

followLogs();
await refresh();
for (;;) {
  await new Promise((resolve) => { setTimeout(resolve, refreshMs); });
  if (!document.hidden) await refresh();
}
