import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRuntime, type Runtime, type RuntimeOptions } from '../../../src/runtime/index.ts';
import type { NewLogLine } from '../../../src/runtime/logs/log-store.ts';
import { writeArtifacts, type TestFunction } from './artifacts.ts';

/** A runtime on real files, a real store and real workers, in a directory of its own. */
export class Rig implements AsyncDisposable {
  readonly root: string;
  readonly runtime: Runtime;
  readonly lines: NewLogLine[];
  readonly #waiting: Set<() => void>;

  private constructor(
    root: string,
    runtime: Runtime,
    lines: NewLogLine[],
    waiting: Set<() => void>,
  ) {
    this.root = root;
    this.runtime = runtime;
    this.lines = lines;
    this.#waiting = waiting;
  }

  static async start(
    functions: readonly TestFunction[],
    options: Partial<RuntimeOptions> = {},
  ): Promise<Rig> {
    const root = await mkdtemp(path.join(tmpdir(), 'bgfn-runtime-'));
    const lines: NewLogLine[] = [];
    const waiting = new Set<() => void>();
    await writeArtifacts(path.join(root, 'artifacts'), functions);
    try {
      const runtime = await startRuntime({
        artifactsDirectory: path.join(root, 'artifacts'),
        storeFile: path.join(root, 'state', 'queue.db'),
        port: 0,
        adminPort: 0,
        onLog: (line) => {
          lines.push(line);
          for (const check of waiting) check();
        },
        ...options,
      });
      return new Rig(root, runtime, lines, waiting);
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
  }

  get port(): number {
    return Number(new URL(this.runtime.url).port);
  }

  deploy(functions: readonly TestFunction[]): Promise<unknown> {
    return writeArtifacts(path.join(this.root, 'artifacts'), functions);
  }

  call(target: string, init?: RequestInit): Promise<Response> {
    return fetch(this.runtime.url + target, init);
  }

  admin(target: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.runtime.adminUrl ?? ''}${target}`, init);
  }

  /**
   * Resolves with the first line, past or to come, whose text matches; with the second or a later
   * one when `number` says so.
   */
  line(text: RegExp, number = 1): Promise<NewLogLine> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.lines.filter((line) => text.test(line.text))[number - 1];
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.close({ drainTimeoutMs: 0 });
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Sends raw bytes, and returns everything that comes back until the other side closes. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', reject);
  });
}
