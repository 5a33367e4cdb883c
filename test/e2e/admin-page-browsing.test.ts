import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestFunction } from '../runtime/support/artifacts.ts';
import { Rig } from '../runtime/support/rig.ts';
import { Browser, hasBrowser } from './support/browser.ts';

const greet: TestFunction = {
  name: 'greet-background',
  source: 'export const handler = async () => {};',
};
const tell: TestFunction = {
  name: 'tell-background',
  source: 'export const handler = async () => { throw new Error("no"); };',
  retry: { maxAttempts: 1, delaysSeconds: [60], maxEventAgeSeconds: 60 },
  // Nothing listens on port 1, so the delivery waits for its next attempt.
  destinations: { onFailure: 'http://127.0.0.1:1/' },
};
const gone: TestFunction = {
  name: 'gone-background',
  source:
    'export const handler = async () => { await new Promise((resolve) => { setTimeout(resolve, 600000); }); };',
};
const calls = 230;

describe.skipIf(!hasBrowser)('finding invocations on the admin page', () => {
  let rig: Rig;
  let browser: Browser;
  beforeAll(async () => {
    [rig, browser] = await Promise.all([Rig.start([greet, tell, gone]), Browser.launch()]);
    const call = (name: string) => rig.call(`/.netlify/functions/${name}`, { method: 'POST' });
    await call('gone-background');
    await rig.deploy([greet, tell]);
    await rig.runtime.reload();
    for (let left = calls; left > 0; left -= 1) await call('greet-background');
    await call('tell-background');
    await rig.line(/the outcome could not be delivered/);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  });

  const open = async (address = '') => {
    const opened = await browser.page();
    await opened.page.goto(`${rig.runtime.adminUrl ?? ''}/${address}`);
    await opened.page.locator('#connection.connected').waitFor();
    return opened;
  };
  const ids = (page: Page) =>
    page.locator('#list a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));

  test('the tiles count every invocation: also deliveries, and those of removed functions', async () => {
    const { page } = await open();
    await page.locator('#invocation-count', { hasText: String(calls + 3) }).waitFor();
    const row = (name: string) =>
      page.locator('#functions tr', { has: page.getByRole('rowheader', { name, exact: true }) });
    expect(await row('tell-background:destination').textContent()).toContain('deliveries1');
    expect(await row('gone-background').textContent()).toContain('not deployed');
    expect(
      await row('gone-background')
        .getByRole('button', { name: /^Invoke/ })
        .count(),
    ).toBe(0);
    await row('tell-background:destination').getByRole('button').click();
    await page.locator('#invocation-count', { hasText: /^1$/ }).waitFor();
    expect(await page.locator('#list .name').allTextContents()).toEqual([
      'tell-background:destination',
    ]);
    await page.close();
  });

  test('the chosen function, state and level are in the address, and a reload keeps them', async () => {
    const { page, complaints } = await open();
    const choice = (name: string) => page.locator(`#filter-${name}`);
    await choice('function').selectOption('tell-background');
    await page.getByRole('button', { name: /^failed/ }).click();
    await choice('level').selectOption('error');
    await page.reload();
    await page.locator('#list tr', { hasText: 'tell-background' }).waitFor();
    expect([
      await choice('function').inputValue(),
      await choice('state').inputValue(),
      await choice('level').inputValue(),
    ]).toEqual(['tell-background', 'failed', 'error']);
    expect(await page.locator('#list tr').count()).toBe(1);
    expect(await page.locator('#logs-of').textContent()).toBe('of tell-background');
    await page.locator('#list a').click();
    await page.locator('#detail-heading').waitFor();
    await page.getByRole('button', { name: 'Close this invocation' }).click();
    expect(new URL(page.url()).search).toBe('?function=tell-background&state=failed&level=error');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('all invocations are found page by page, each once, and Back returns to the last page', async () => {
    const { page } = await open('?function=greet-background');
    const pages = [await ids(page)];
    for (const expected of [100, 30]) {
      const last = pages.at(-1)?.at(-1) ?? '';
      await page.getByRole('button', { name: 'Older' }).click();
      await page.locator(`#list a[href="${last}"]`).waitFor({ state: 'detached' });
      pages.push(await ids(page));
      expect(pages.at(-1)).toHaveLength(expected);
    }
    expect(new Set(pages.flat()).size).toBe(calls);
    expect(await page.getByRole('button', { name: 'Older' }).count()).toBe(0);
    await page.goBack();
    await page.locator(`#list a[href="${pages[1]?.[0]}"]`).waitFor();
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.locator(`#list a[href="${pages[0]?.[0]}"]`).waitFor();
    await page.close();
  });

  test('an empty list states that nothing matches, and offers to show all', async () => {
    const { page } = await open('?function=greet-background&state=cancelled');
    await page.locator('#empty', { hasText: 'No invocation matches the filters.' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('#list tr').first().waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.close();
  });

  test('the address of an unknown invocation shows a message, and the rest of the page works', async () => {
    const { page } = await open('#01NEVER');
    await page.locator('#detail', { hasText: '01NEVER is not in this queue.' }).waitFor();
    expect(await page.locator('#connection').textContent()).toBe('live');
    await page.getByRole('button', { name: 'Close this invocation' }).click();
    expect(await page.locator('#detail').isHidden()).toBe(true);
    await page.close();
  });

  test('the page shows when the runtime hangs or is down, and when it is back', async () => {
    const { page } = await open();
    await page.clock.install();
    await page.route('**/api/functions', () => {});
    const asked = page.waitForRequest('**/api/functions');
    await page.clock.runFor(2_000);
    await asked;
    await page.clock.runFor(8_000);
    await page.locator('#connection.problem', { hasText: 'The runtime does not answer' }).waitFor();
    await page.unrouteAll();
    await page.clock.runFor(2_000);
    await page.locator('#connection.connected').waitFor();
    expect(await page.locator('#connection').textContent()).toBe('live');
    await page.close();
  });

  test('the live log continues after another program has answered for the runtime', async () => {
    const { page } = await browser.page();
    await page.route('**/api/logs?follow*', (route) => route.fulfill({ status: 502 }));
    const refused = page.waitForResponse('**/api/logs?follow*');
    await page.goto(rig.runtime.adminUrl ?? '');
    await refused;
    await page.unrouteAll();
    await page
      .locator('#logs .line', { hasText: 'the outcome could not be delivered' })
      .first()
      .waitFor();
    expect(await page.locator('#logs .line').count()).toBeGreaterThan(0);
    await page.close();
  });

  test('on a phone no table is wider than the screen, however long a wait or a name is', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 390, height: 844 });
    // The wait of a delivery between its later attempts.
    await page.route('**/api/invocations?*', async (route) => {
      const { invocations } = (await (await route.fetch()).json()) as {
        invocations: readonly object[];
      };
      await route.fulfill({
        json: {
          invocations: invocations.map((one) =>
            Object.assign(one, { state: 'queued', availableAtMs: Date.now() + 3_599_000 }),
          ),
        },
      });
    });
    await page
      .locator('#list .state + .soft', { hasText: /in 59 m \d\d s/ })
      .first()
      .waitFor();
    expect(
      await page
        .locator('.scroll')
        .evaluateAll((boxes) => boxes.map((box) => box.scrollWidth - box.clientWidth)),
    ).toEqual([0, 0]);
    await page.close();
  });

  test.each([1400, 390])(
    'the plots describe a bar, and their labels do not overlap (%i px)',
    async (width) => {
      const { page } = await open();
      await page.setViewportSize({ width, height: 900 });
      const sample = (agoMs: number, queued: number) => ({
        atMs: Date.now() - agoMs,
        accepted: 0,
        succeeded: 0,
        failed: 2,
        queued,
        running: 1,
      });
      await page.route('**/api/history', (route) =>
        route.fulfill({
          json: { intervalMs: 5000, samples: [sample(50 * 60_000, 123_456), sample(6_000, 0)] },
        }),
      );
      await page.locator('#throughput .title', { hasText: 'Attempts per minute' }).waitFor();
      expect(await page.locator('#depth .axis').allTextContents()).toContain('200K');
      for (const id of ['throughput', 'depth']) {
        const boxes = await page
          .locator(`#${id} .axis[text-anchor="middle"]`)
          .evaluateAll((labels) =>
            labels.map(
              (label) => label.getBoundingClientRect().toJSON() as { left: number; right: number },
            ),
          );
        expect(boxes.length).toBeGreaterThan(4);
        expect(
          boxes.filter((box, index) => index > 0 && box.left < (boxes[index - 1]?.right ?? 0) + 4),
        ).toEqual([]);
      }
      await page.close();
    },
  );
});
