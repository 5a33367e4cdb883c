import { api } from './api.js';
import { byId } from './elements.js';
import { showDetail } from './invocation-detail.js';
import { showInvocations } from './invocation-list.js';
import { keepFollowing } from './logs.js';
import { showFunctions, showPlots, showTiles } from './overview.js';
import { showConnected, showProblem } from './status.js';

/** Loads everything that the page shows, except the log, and shows it. */
export async function refresh() {
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
