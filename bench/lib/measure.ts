import { spawn } from 'node:child_process';
import { residentMbOfTree } from './memory.ts';

/** One command under measurement. `before` runs outside the measured time, before every run. */
export interface Contender {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly before?: () => Promise<void>;
}

interface Sample {
  readonly wallMs: number;
  /** Peak of the resident memory of the process with its children, MB; sampled, on Linux only. */
  readonly peakMb: number | undefined;
  readonly stdout: string;
}

export interface Measured {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly medianMs: number;
  readonly peakMb: number | undefined;
}

/**
 * Runs the contenders in turn, `rounds` times (A B C, A B C, …), so that other load on the machine
 * affects all of them alike. The first round warms the disk cache and is not counted when there are
 * more than two rounds.
 */
export async function alternate(
  contenders: readonly Contender[],
  rounds: number,
): Promise<readonly Measured[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      await contender.before?.();
      const sample = await runOnce(contender);
      if (round > 0 || rounds <= 2) samples.get(contender.name)?.push(sample);
      process.stderr.write(
        `round ${round + 1}/${rounds}  ${contender.name.padEnd(28)} ${Math.round(sample.wallMs)} ms\n`,
      );
    }
  }
  return [...samples].map(([name, list]) => summarize(name, list));
}

function summarize(name: string, samples: readonly Sample[]): Measured {
  const peaks = samples.map((sample) => sample.peakMb).filter((peak) => peak !== undefined);
  return {
    name,
    samples,
    medianMs: median(samples.map((sample) => sample.wallMs)),
    peakMb: peaks.length > 0 ? Math.max(...peaks) : undefined,
  };
}

/**
 * The median: the middle value, or the mean of the two middle values of an even number. NaN without
 * values.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

async function runOnce(contender: Contender): Promise<Sample> {
  const [file, ...args] = contender.command;
  const startedAt = performance.now();
  const child = spawn(file, args, {
    cwd: contender.cwd,
    env: { ...process.env, NO_COLOR: '1', ...contender.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let peakMb: number | undefined;
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const sampling = setInterval(() => {
    const now = child.pid === undefined ? undefined : residentMbOfTree(child.pid);
    if (now !== undefined && now > (peakMb ?? 0)) peakMb = now;
  }, 50);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(sampling));
  const wallMs = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${contender.name} ended with ${status}:\n${stderr}`);
  return { wallMs, stdout, peakMb };
}

/** The result of the contender with this name. */
export function resultOf(measured: readonly Measured[], name: string): Measured {
  const found = measured.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}
