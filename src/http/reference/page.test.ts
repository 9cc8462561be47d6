import { request } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaintsOf, openBrowser } from '../../../testing/browser.ts';
import { openServer, type TestServer } from '../../../testing/server.ts';

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openServer()]);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Everything that was asked for, as addresses. */
  readonly requested: readonly string[];
}

async function open(width = 1280): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.setDefaultTimeout(5000);
  const complaints = complaintsOf(page);
  const requested: string[] = [];
  page.on('request', (asked) => requested.push(asked.url()));
  await page.goto(`${server.url}/docs`);
  return { page, complaints, requested, [Symbol.asyncDispose]: () => page.close() };
}

/** The page as asked for under a host of one's choice, which `fetch` does not let one choose. */
function pageFor(headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}/docs`, { headers, agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 seconds')));
    asked.on('error', reject);
    asked.end();
  });
}

test('is read without a complaint, and asks for its stylesheet and nothing else', async () => {
  await using opened = await open();
  const { page, complaints, requested } = opened;
  expect(await page.locator('h1').textContent()).toBe('Countersign API');
  expect(requested).toEqual([`${server.url}/docs`, `${server.url}/docs/reference.css`]);
  expect(complaints).toEqual([]);
});

test('has every link of its own lead to a place in it', async () => {
  await using opened = await open();
  const dead = await opened.page.evaluate(
    `[...document.querySelectorAll('a[href^="#"]')].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id))`,
  );
  expect(dead).toEqual([]);
  await opened.page.getByRole('navigation').getByText('Check a code', { exact: true }).click();
  expect(new URL(opened.page.url()).hash).toBe('#checkVerification');
});

test('has headings in order, landmarks, ids of their own and a table for every screen reader', async () => {
  await using opened = await open(320);
  const { page } = opened;
  const levels = (await page.evaluate(
    `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.localName[1]))`,
  )) as number[];
  expect(levels.filter((level) => level === 1)).toEqual([1]);
  expect(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)).toEqual([]);
  const ids = (await page.evaluate(`[...document.querySelectorAll('[id]')].map(({ id }) => id)`)) as string[];
  expect(new Set(ids).size).toBe(ids.length);
  for (const role of ['banner', 'navigation', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1);
  const body = page.getByRole('table', { name: 'Request body: Send a code' });
  expect(await body.getByRole('rowheader').first().textContent()).toBe('recipient required');
});

test.each([
  [320, 'light'],
  [320, 'dark'],
  [768, 'light'],
  [1280, 'dark'],
] as const)('fits a screen of %i px in %s, with text that stands out', async (width, colorScheme) => {
  await using opened = await open(width);
  const { page, complaints } = opened;
  await page.emulateMedia({ colorScheme });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  expect(await page.evaluate(weakestContrast)).toBeGreaterThanOrEqual(4.5);
  expect(complaints).toEqual([]);
});

/** Of all text that is shown, as WCAG 2 counts it: against the nearest ground that is not transparent. */
const weakestContrast = `(() => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const part = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color[3] !== 0) return light(color);
    }
    return 1;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let weakest = 21;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === '') continue;
    const [one, other] = [light(numbers(getComputedStyle(element).color)), groundOf(element)];
    weakest = Math.min(weakest, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
  }
  return weakest;
})()`;

test('shows where the focus is', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.keyboard.press('Tab');
  expect(await page.locator('.skip:focus').boundingBox()).toMatchObject({ y: expect.any(Number) });
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  expect(await page.evaluate('document.activeElement.getBoundingClientRect().top')).toBeGreaterThanOrEqual(0);
});

test('may load nothing but its stylesheet, and is not guessed at, framed or kept by others', async () => {
  const { headers } = await fetch(`${server.url}/docs`);
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('private, no-cache');
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test.each([
  ['its own address', { host: 'verify.example:8443' }, 'http://verify.example:8443'],
  ['its own IPv6 address', { host: '[::1]:8080' }, 'http://[::1]:8080'],
  ['HTTPS behind a proxy', { host: 'verify.example', 'x-forwarded-proto': 'https' }, 'https://verify.example'],
  ['the default address where the host is a command', { host: '$(reboot)' }, 'http://127.0.0.1:8080'],
  ['the default address where the host is markup', { host: '"><b>' }, 'http://127.0.0.1:8080'],
])('names %s in its examples', async (_, headers, baseUrl) => {
  const page = await pageFor(headers);
  expect(page).toContain(`curl -X POST ${baseUrl}/v1/verifications `);
  expect(page).not.toContain('base-url.invalid');
  expect(page).not.toContain('reboot');
});
