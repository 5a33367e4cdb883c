import { readdir, readFile } from 'node:fs/promises';

/** A process that starts others while it is being looked for is found in the next round. */
const maxRounds = 5;

/**
 * Kills the processes whose environment at their start had `mark`: the descendants of a worker that
 * have left its process group, as the browsers that Puppeteer starts do. Needs /proc (Linux);
 * elsewhere, and for a process with an environment of its own choosing, it does nothing.
 */
export async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const found = await marked(mark);
    if (found.length === 0) return;
    for (const pid of found) killIfThere(pid);
  }
}

async function marked(mark: string): Promise<readonly number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
        return environment.includes(mark) ? [Number(entry)] : [];
      }),
  );
  return found.flat();
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
