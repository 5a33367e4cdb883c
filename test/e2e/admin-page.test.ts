import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig } from '../runtime/support/rig.ts';
import { Browser, hasBrowser } from './support/browser.ts';

const hostile = '<img src=x onerror="document.title=1">';
const gate =
  'export const handler = async (event) => { console.log("waiting"); await new Promise((resolve, reject) => { setTimeout(resolve, 600000); }); };';
const functions = [
  {
    name: 'greet-background',
    source: `export const handler = async (event) => { console.log("hello " + event.body + " ${hostile.replaceAll('"', '\\"')}"); };`,
  },
  {
    name: 'break-background',
    source:
      'let calls = 0; export const handler = async (event) => { calls += 1; if (event.body !== "well") throw new TypeError("no such image <b>x</b>"); };',
  },
  { name: 'wait-background', source: gate },
  {
    name: 'spoof-background',
    source: String.raw`export const handler = async () => { console.log('\u202e\u001b[31mdone'); throw new Error('\u202e' + 'long '.repeat(100)); };`,
  },
  { name: 'hourly', schedule: '0 * * * *' },
];

/** A directory for screenshots to look at; without the variable none are made. */
const screenshots = process.env['BGFN_SCREENSHOTS'];

async function shoot(page: Page, name: string): Promise<void> {
  if (screenshots === undefined) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}

const row = (page: Page, name: string) =>
  page.locator('#functions tr', { has: page.getByRole('rowheader', { name, exact: true }) });

async function invoke(page: Page, name: string, payload: string): Promise<void> {
  await page.getByRole('button', { name: `Invoke ${name}` }).click();
  await page.getByLabel('Payload').fill(payload);
  await page.getByRole('dialog').getByRole('button', { name: 'Invoke' }).click();
  await page.getByRole('heading', { level: 3, name }).waitFor();
}

describe.skipIf(!hasBrowser)('the admin page in Chromium', () => {
  let rig: Rig;
  let browser: Browser;
  beforeAll(async () => {
    [rig, browser] = await Promise.all([
      Rig.start(functions, { retryDelaysSeconds: [0, 0] }),
      Browser.launch(),
    ]);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  });

  const open = async () => {
    const opened = await browser.page();
    await opened.page.goto(rig.runtime.adminUrl ?? '');
    await row(opened.page, 'hourly').waitFor();
    return opened;
  };

  test('shows the functions without console errors', async () => {
    const { page, complaints } = await open();
    expect(await page.locator('#functions th').allTextContents()).toEqual(
      functions.map(({ name }) => name),
    );
    expect(await row(page, 'hourly').textContent()).toMatch(/sync.*in \d+ (?:m|s|\.)/);
    await page.locator('#connection.connected').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('invokes from the dialog, shows the outcome, and shows the output of a function as text', async () => {
    const { page, complaints } = await open();
    await invoke(page, 'greet-background', '"you"');
    await page.locator('#detail .state.succeeded', { hasText: 'Attempt 1' }).waitFor();
    await page.locator('#detail .log', { hasText: `hello "you" ${hostile}` }).waitFor();
    await page.locator('#logs .line', { hasText: `hello "you" ${hostile}` }).waitFor();
    expect(await page.locator('.log img').count()).toBe(0);
    expect(await page.title()).toBe('bgfn');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('shows failed attempts with stacks, which stay open over refreshes, and retries', async () => {
    const { page, complaints } = await open();
    await invoke(page, 'break-background', 'ill');
    await page.locator('#detail .state.failed', { hasText: 'Attempt 3' }).waitFor();
    expect(await page.locator('#detail .attempts li').count()).toBe(3);
    expect(await page.locator('#detail .attempts b').count()).toBe(0);
    await page.locator('#detail summary').first().click();
    await Promise.all([
      page.waitForResponse(/\/api\/history/),
      page.waitForResponse(/\/api\/history/),
    ]);
    expect(await page.locator('#detail pre').first().isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.locator('#detail .attempts li:nth-child(6)').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('shows characters that could mislead as escapes, and long errors whole on request', async () => {
    const { page } = await open();
    await invoke(page, 'spoof-background', '');
    await page
      .locator('#logs .line', { hasText: String.raw`\u202e\u001b[31mdone` })
      .first()
      .waitFor();
    const details = page.locator('#detail details').first();
    expect(await details.locator('summary').textContent()).toMatch(/^Error: \\u202elong .*…$/);
    expect(await details.locator('pre').textContent()).toContain('long '.repeat(100));
    expect(await page.locator('#functions th', { hasText: 'spoof' }).count()).toBe(1);
    await page.close();
  });

  test('shows a message when the address names no invocation, and everything else', async () => {
    const { page } = await open();
    await invoke(page, 'greet-background', 'Ada');
    await page.goto(`${rig.runtime.adminUrl ?? ''}/#%zz`);
    await page.reload();
    await page.getByText('%zz is not in this queue.').waitFor();
    expect(await page.locator('#list tr').count()).toBeGreaterThan(0);
  });

  test('retries every failed invocation at once', async () => {
    await rig.call('/.netlify/functions/break-background', { method: 'POST', body: 'ill' });
    await rig.line(/no attempt is left/);
    const { page } = await open();
    await page.getByRole('button', { name: /^failed/ }).click();
    const answer = page.waitForResponse(/\/api\/invocations\/retry/);
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    const { retried } = (await (await answer).json()) as { retried: number };
    expect(retried).toBeGreaterThan(0);
    await page
      .locator('#announcement', { hasText: `${retried} queued again` })
      .waitFor({ state: 'attached' });
    await page.close();
  });

  test('cancels a running invocation, and keeps the focus near the button', async () => {
    const { page, complaints } = await open();
    await invoke(page, 'wait-background', '{}');
    await page.locator('#detail .attempt .state.running').waitFor();
    await page.locator('#detail').getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#detail .bar .state.cancelled').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('detail-heading');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('works with the keyboard alone, and a refresh keeps the focus', async () => {
    const { page } = await open();
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the invocations');
    await page.getByRole('button', { name: 'Invoke greet-background' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('payload');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Invoke greet-background');
    const link = page.locator('#list a').first();
    await link.focus();
    const before = await focused();
    await rig.call('/.netlify/functions/greet-background', { method: 'POST' });
    await page.locator('#list tr:nth-child(2) a', { hasText: before }).waitFor();
    expect(await focused()).toBe(before);
    await page.keyboard.press('Enter');
    await page.locator('#detail-heading').waitFor();
    await page.getByRole('button', { name: 'Close this invocation' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe(before);
    await page.close();
  });

  test('keeps the lines that arrive while the log is paused', async () => {
    const { page } = await open();
    await page.getByLabel('Pause').check();
    const count = await page.locator('#logs .line').count();
    await rig.call('/.netlify/functions/greet-background', {
      method: 'POST',
      body: 'while paused',
      headers: { 'content-type': 'text/plain' },
    });
    await page.locator('#list tr .state.succeeded').first().waitFor();
    await page.waitForResponse(/\/api\/history/);
    expect(await page.locator('#logs .line').count()).toBe(count);
    await page.getByLabel('Pause').uncheck();
    await page.locator('#logs .line', { hasText: 'while paused' }).waitFor();
    await page.close();
  });

  test.each([
    ['light', 1400],
    ['light', 390],
    ['dark', 1400],
    ['dark', 390],
  ] as const)(
    'has no accessibility problem that axe finds, and no sideways scrolling (%s, %i px)',
    async (colorScheme, width) => {
      const call = await rig.call('/.netlify/functions/break-background', {
        method: 'POST',
        body: 'ill',
      });
      await rig.line(/no attempt is left/);
      // The page's policy forbids scripts from elsewhere such as axe: this context ignores the policy.
      await using inspecting = await Browser.launch({
        bypassCSP: true,
        colorScheme,
        viewport: { width, height: 900 },
      });
      const { page } = await inspecting.page();
      await page.goto(`${rig.runtime.adminUrl}/#${call.headers.get('x-nf-request-id')}`);
      await page.locator('#detail-heading').waitFor();
      await page.locator('#logs .line').first().waitFor();
      await shoot(page, `admin-${colorScheme}-${width}`);
      await page.evaluate(axe.source);
      const violations = () =>
        page.evaluate(
          'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))',
        );
      expect(await violations()).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.getByRole('button', { name: 'Invoke greet-background' }).click();
      expect(await violations()).toEqual([]);
      await shoot(page, `admin-dialog-${colorScheme}-${width}`);
    },
  );

  test('asks for the token as a password when there is one', async () => {
    await using guarded = await Rig.start(
      [{ name: 'greet-background', source: functions[0]?.source ?? '' }],
      { adminToken: 'sesame' },
    );
    await using stranger = await Browser.launch();
    const refused = await stranger.page();
    // Headless Chromium cannot ask for a password, so it shows the refusal itself.
    expect(
      (await refused.page.goto(guarded.runtime.adminUrl ?? '').catch(() => null))?.status() ?? 401,
    ).toBe(401);
    await using known = await Browser.launch({
      httpCredentials: { username: 'operator', password: 'sesame' },
    });
    const { page, complaints } = await known.page();
    await page.goto(guarded.runtime.adminUrl ?? '');
    await invoke(page, 'greet-background', 'in');
    await page.locator('#logs .line', { hasText: 'hello in' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
