import { readdir, readFile } from 'node:fs/promises';

/** How often /proc is searched. A process that was started during one round is found in the next. */
const maxRounds = 5;

/**
 * Kills the processes that were started with `mark` in their environment. These are descendants of
 * a worker that have left its process group, as browsers do that Puppeteer starts. Works only where
 * there is /proc (Linux), and misses processes that were started with another environment.
 */
export async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const found = await processesWith(mark);
    if (found.length === 0) return;
    for (const pid of found) killIfThere(pid);
  }
}

async function processesWith(mark: string): Promise<readonly number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const environments = await Promise.all(pids.map(environmentOf));
  return pids.filter((_, index) => environments[index]?.includes(mark));
}

/**
 * Returns the environment that a process was started with. The text is empty if the process is gone
 * or belongs to another user.
 */
function environmentOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}
