import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Manifest, ManifestFunction } from '../../manifest/schema.ts';
import type { MachineProblem } from '../worker/worker.ts';

/** The properties of a machine that decide whether native code can run on it. */
export interface Machine {
  /** In the notation of `process.platform` and `process.arch`, like `arch`. */
  readonly platform: string;
  readonly arch: string;
  /** Whether the kernel runs programs for that CPU in an emulator. */
  readonly emulates: (arch: string) => boolean;
}

/** The machine that this process runs on. */
export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  emulates: emulatedByKernel,
};

/**
 * Returns why a function that was built for another machine cannot run on this machine, or possibly
 * cannot. A Go program for another CPU cannot run; a Node function can run if its addons are
 * optional. A setting alone (`architecture` of a function without native code) is no problem.
 *
 * @param directory The directory of the extracted artifact
 */
export async function machineProblemOf(
  fn: ManifestFunction,
  system: Manifest['system'],
  directory: string,
  machine: Machine,
): Promise<MachineProblem | undefined> {
  return fn.runtime === 'go'
    ? problemOfProgram(fn, machine)
    : problemOfAddons(fn, system, directory, machine);
}

function problemOfProgram(fn: ManifestFunction, machine: Machine): MachineProblem | undefined {
  const { name, architecture, mainFile } = fn;
  if (machine.platform !== 'linux') {
    return {
      fatal: true,
      message:
        `${name} is a Linux program, as all Go functions are, and this machine runs ` +
        `${machine.platform}: start bgfn in a Linux container or virtual machine.`,
    };
  }
  if (
    architecture === undefined ||
    architecture === machine.arch ||
    machine.emulates(architecture)
  ) {
    return undefined;
  }
  const remedy = mainFile.endsWith('.go')
    ? `take \`architecture = "${architecture}"\` out of netlify.toml and build again, ` +
      'or use bgfn dev, which builds for the machine it runs on'
    : `put a binary for ${machine.arch} into the functions directory and build again`;
  return {
    fatal: true,
    message:
      `${name} is built for ${architecture} and this machine is ${machine.arch}. ` +
      `To run it here, ${remedy}; or serve it on an ${architecture} machine.`,
  };
}

async function problemOfAddons(
  { name, architecture }: ManifestFunction,
  system: Manifest['system'],
  directory: string,
  machine: Machine,
): Promise<MachineProblem | undefined> {
  if (
    architecture === undefined ||
    (architecture === machine.arch && system.platform === machine.platform) ||
    !(await hasAddon(directory))
  ) {
    return undefined;
  }
  return {
    fatal: false,
    message:
      `${name} has native addons for ${system.platform}-${architecture} and this machine is ` +
      `${machine.platform}-${machine.arch}, where they cannot be loaded. To run it here, install ` +
      'its packages and build on a machine like this one, without an `architecture` in ' +
      'netlify.toml.',
  };
}

async function hasAddon(directory: string): Promise<boolean> {
  return (await readdir(directory, { recursive: true })).some((file) => file.endsWith('.node'));
}

/**
 * Whether an emulator for a CPU is registered in Linux's binfmt_misc, where QEMU and Rosetta
 * register themselves.
 */
function emulatedByKernel(arch: string): boolean {
  const names = arch === 'arm64' ? ['qemu-aarch64'] : ['qemu-x86_64', 'rosetta'];
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some((entry) =>
      names.some((name) => entry.toLowerCase().startsWith(name)),
    );
  } catch {
    return false;
  }
}
