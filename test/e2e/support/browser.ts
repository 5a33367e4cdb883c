import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, type Page, chromium } from 'playwright-core';

const executable = process.env['BGFN_CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether this machine has a browser: `BGFN_CHROMIUM`, or by default Debian's Chromium. */
export const hasBrowser = existsSync(executable);

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type ContextOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>;

/** A headless Chromium with a profile of its own. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async launch(options: ContextOptions = {}): Promise<Browser> {
    const profile = await mkdtemp(path.join(tmpdir(), 'bgfn-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: executable,
      headless: true,
      args: quiet,
      viewport: { width: 1400, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(20_000);
    return new Browser(context, profile);
  }

  /**
   * Opens a page and collects its complaints: console errors, exceptions, violations of its content
   * security policy.
   */
  async page(): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
    const page = await this.#context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => void dialog.accept());
    return { page, complaints };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}
