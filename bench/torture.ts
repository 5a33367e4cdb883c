/**
 * Kills `bgfn serve` with SIGKILL at random moments under load, again and again, and proves from
 * the ledger that the functions write that no accepted call was lost and none ran twice at once.
 * Real processes on `dist` (npm run build). Exit code 1 when anything was lost.
 *
 * `node bench/torture.ts [--rounds 25] [--calls 6000] [--callers 16] [--alone]`
 *
 * `--alone` leaves out the second runtime, which shares the store for the whole time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { torture, type Victim } from '../test/e2e/support/torture.ts';
import type { Project } from '../test/support/project.ts';
import { bgfnBuildCommand } from './lib/bgfn.ts';
import { loadLine, machineLine, markdownTable } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    calls: { type: 'string', default: '6000' },
    callers: { type: 'string', default: '16' },
    alone: { type: 'boolean', default: false },
  },
});
const serveCommand = path.join(path.dirname(bgfnBuildCommand()), 'bgfn.js');

const loadBefore = loadLine();
const report = await torture({
  rounds: Number(values.rounds),
  calls: Number(values.calls),
  callers: Number(values.callers),
  second: !values.alone,
  start: startServe,
  onRound: (round, accepted) => process.stderr.write(`round ${round}: ${accepted} accepted\n`),
});

const attempts = [...report.ledger.attempts.values()];
console.log(
  `${report.seconds.toFixed(0)} s; ${machineLine()}; ${loadBefore} before, ${loadLine()} after\n`,
);
console.log(
  markdownTable(
    ['', 'count'],
    [
      ['runtime killed with SIGKILL', report.kills],
      ['calls answered 202', report.accepted],
      ['calls without an answer (the runtime died under them)', report.unanswered],
      [
        'calls answered otherwise',
        [...report.refused.values()].reduce((sum, count) => sum + count, 0),
      ],
      ['**accepted and lost**', report.lost.length],
      ['**accepted and not ended**', report.unended.length],
      ['**run twice at the same time**', report.ledger.twiceAtOnce.length],
      ['**one attempt given out twice**', report.ledger.attemptsRepeated.length],
      ['**succeeded without a run that ended**', report.succeededWithoutRun.length],
      ['succeeded', report.states.succeeded ?? 0],
      ['failed (three attempts, kills included)', report.states.failed ?? 0],
      ['runs begun', report.ledger.runs],
      ['runs that ended', report.ledger.finished],
      ...[1, 2, 3].map(
        (count) =>
          [
            `invocations with ${count} ${count === 1 ? 'run' : 'runs'}`,
            attempts.filter((each) => each === count).length,
          ] as const,
      ),
    ].map((row) => row.map(String)),
  ),
);
const wrong = [
  report.lost,
  report.unended,
  report.succeededWithoutRun,
  report.ledger.twiceAtOnce,
  report.ledger.attemptsRepeated,
].flat();
if (wrong.length > 0) {
  console.error(`\nNot as it has to be: ${[...new Set(wrong)].slice(0, 20).join(' ')}`);
  process.exitCode = 1;
}

async function startServe(
  project: Project,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Victim> {
  const child = spawn(process.execPath, [serveCommand, 'serve', ...flags, '--port', '0'], {
    cwd: project.directory,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const said: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      if (said.length < 50) said.push(line);
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) =>
      reject(new Error(`bgfn serve ended with ${code}:\n${said.join('\n')}`)),
    );
  });
  return { url, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}
