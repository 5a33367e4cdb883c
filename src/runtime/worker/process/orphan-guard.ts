import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads process groups from stdin (`+ id` adds one, `- id` removes it). stdin ends however its
 * writer dies. The script then kills every group that is left, and every process with the mark in
 * its environment. The guard is a shell because it must be small and must outlive a SIGKILL of this
 * process.
 */
const guardScript = `
trap '' INT TERM HUP QUIT
groups=
while read -r sign group; do
  case $sign in
    +) groups="$groups $group" ;;
    -) rest=
       for g in $groups; do [ "$g" = "$group" ] || rest="$rest $g"; done
       groups=$rest ;;
  esac
done
for g in $groups; do kill -s KILL -- "-$g" 2>/dev/null; done
for file in $(grep -Fals -e "$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  kill -s KILL "\${pid%/environ}" 2>/dev/null
done
`;

const maxRestarts = 5;

/** Ends the workers that would outlive this process, including busy loops and Go binaries. */
export interface OrphanGuard {
  add(processGroupId: number): void;
  remove(processGroupId: number): void;
  /** Ends the guard, which kills the groups that were not removed. */
  close(): Promise<void>;
}

/**
 * Starts the guard process, and starts another one when the guard is killed.
 *
 * @param mark A text in the environment of every worker, by which the guard finds the processes
 *   that have left their group (Linux)
 */
export function startOrphanGuard(mark: string, onWarning: (message: string) => void): OrphanGuard {
  const groups = new Set<number>();
  let closed = false;
  let restarts = 0;
  let child = launch();

  function launch(): ChildProcess {
    const shell = startShell(mark);
    shell.on('error', ({ message }) =>
      onWarning(`The guard that ends workers when bgfn is killed could not be started: ${message}`),
    );
    shell.on('exit', () => {
      if (closed || restarts === maxRestarts) return;
      restarts += 1;
      child = launch();
    });
    for (const group of groups) shell.stdin?.write(`+ ${group}\n`);
    return shell;
  }

  return {
    add(group) {
      groups.add(group);
      child.stdin?.write(`+ ${group}\n`);
    },
    remove(group) {
      groups.delete(group);
      child.stdin?.write(`- ${group}\n`);
    },
    async close() {
      closed = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.ref();
      child.stdin?.end();
      await exited;
    },
  };
}

/** Starts the shell of the guard. The shell does not keep this process from ending. */
function startShell(mark: string): ChildProcess {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', guardScript, 'bgfn-guard', mark], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  // A write to a guard that has just died fails. The next guard is sent all groups.
  shell.stdin?.on('error', () => undefined);
  shell.unref();
  if (shell.stdin !== null && 'unref' in shell.stdin && typeof shell.stdin.unref === 'function') {
    shell.stdin.unref();
  }
  return shell;
}
