import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaintsOf, openBrowser } from '../../../testing/browser.ts';
import {
  apiKey,
  type DevelopmentServer,
  type DevelopmentServerOptions,
  openDevelopmentServer,
} from '../../../testing/development-server.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

interface Opened extends AsyncDisposable {
  readonly server: DevelopmentServer;
  readonly page: Page;
  readonly complaints: readonly string[];
}

async function open(options: DevelopmentServerOptions = {}, path = '/', width = 1200): Promise<Opened> {
  const server = await openDevelopmentServer(options);
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.setDefaultTimeout(5000);
  const complaints = complaintsOf(page);
  await page.goto(server.baseUrl + path);
  await page.locator('#state[data-state=live]').waitFor();
  return {
    server,
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await page.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('shows a message without reload, newest on top, with its code marked', async () => {
  await using opened = await open();
  const { server, page, complaints } = opened;
  expect(await page.locator('#empty').isVisible()).toBe(true);

  await server.deliver('111111 is your Countersign verification code. It expires in 5 minutes.');
  await page.locator('.message').waitFor();
  await server.deliver('Your code is 2222', 'ada@example.com', 'email');
  await page.locator('.message:nth-child(2)').waitFor();

  expect(await page.locator('.message .code').allTextContents()).toEqual(['2222', '111111']);
  expect(await page.locator('.message .text').last().textContent()).toBe(
    '111111 is your Countersign verification code. It expires in 5 minutes.',
  );
  expect(await page.locator('.message .about').first().textContent()).toMatch(
    /E-mail.*Countersign to ada@example\.com/,
  );
  expect(await page.locator('#empty').isVisible()).toBe(false);
  expect(await page.locator('#steps mark').textContent()).toBe('111111');
  expect(complaints).toEqual([]);
});

test('shows what was sent before it was opened', async () => {
  await using opened = await open();
  await opened.server.deliver('111111 is your code');
  await opened.page.reload();
  expect(await opened.page.locator('.message .code').textContent()).toBe('111111');
  expect(await opened.page.locator('#steps mark').textContent()).toBe('111111');
});

test('shows markup in a message as text', async () => {
  await using opened = await open();
  const { server, page, complaints } = opened;
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script> <b>123456</b>';
  await server.deliver(markup, '<i>@example.com', 'email');

  expect(await page.locator('.message .text').textContent()).toBe(markup);
  expect(await page.locator('.message .recipient').textContent()).toBe('<i>@example.com');
  expect(await page.locator('.message :is(img, script, b, i)').count()).toBe(0);
  expect(await page.title()).toBe('Countersign · development');
  expect(complaints).toEqual([]);
});

test('gives commands with the real address and key, and copies them', async () => {
  await using opened = await open();
  const { server, page, complaints } = opened;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('#steps button').first().click();
  await page.getByText('Copied').first().waitFor();

  const copied = await page.evaluate('navigator.clipboard.readText()');
  expect(copied).toBe(
    `curl -X POST ${server.baseUrl}/v1/verifications \\\n  -H 'Authorization: Bearer ${apiKey}' \\\n` +
      `  -H 'Content-Type: application/json' \\\n  -d '{"recipient":"+33612345678"}'`,
  );
  expect(await page.locator('#key').textContent()).toBe(apiKey);
  expect(complaints).toEqual([]);
});

/** As much of the native API as the form uses: one verification whose code is 123456. */
function nativeApi(deliver: (text: string) => Promise<void>) {
  return (app: FastifyInstance) => {
    app.post('/v1/verifications', async (request, reply) => {
      expect(request.headers.authorization).toBe(`Bearer ${apiKey}`);
      expect(request.body).toEqual({ recipient: '+33612345678' });
      await deliver('123456 is your code');
      return reply.code(201).send({ id: 'v1', status: 'pending' });
    });
    app.post('/v1/verifications/v1/checks', (request) =>
      (request.body as { code: string }).code === '123456'
        ? { result: 'verified' }
        : { result: 'wrong_code', attemptsLeft: 4 },
    );
  };
}

test('sends a code and checks it, with the keyboard alone', async () => {
  let deliver: (text: string) => Promise<void> = async () => {};
  await using opened = await open({ before: nativeApi((text) => deliver(text)) });
  const { server, page, complaints } = opened;
  deliver = server.deliver;
  const outcome = page.locator('#outcome');

  await page.locator('#recipient').press('Enter');
  await page.locator('#code:focus').waitFor();
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await outcome.getByText('4 attempts left').waitFor();

  await page.locator('.message .code').focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('#code').inputValue()).toBe('123456');
  await page.locator('#code').press('Enter');
  await outcome.getByText('Verified').waitFor();
  expect(complaints).toEqual([]);
});

test('says in words what the server refused', async () => {
  const detail = 'Wait 30 s before the next request.';
  const refuse = (app: FastifyInstance) =>
    app.post('/v1/verifications', (_request, reply) => reply.code(429).send({ detail }));
  await using opened = await open({ before: refuse });
  await opened.page.getByRole('button', { name: 'Send a code', exact: true }).click();
  await opened.page.locator('#outcome[data-tone=bad]').getByText(detail).waitFor();
});

test('tells when the stream is gone, and comes back with what it missed', async () => {
  await using opened = await open();
  const { server, page } = opened;
  server.app.server.closeAllConnections();
  await page.locator('#state[data-state=reconnecting]').waitFor();
  await server.deliver('333333 is your code');
  await page.locator('#state[data-state=live]').waitFor();
  expect(await page.locator('.message .code').textContent()).toBe('333333');
});

test('works behind a token, which it takes out of the address', async () => {
  await using opened = await open({ token: 'a-token-of-the-operator' }, '/?token=a-token-of-the-operator');
  const { server, page, complaints } = opened;
  expect(page.url()).toBe(`${server.baseUrl}/`);
  expect(await page.locator('#key').textContent()).toBe(apiKey);
  expect(await page.evaluate('document.cookie')).toBe('');
  await page.reload();
  await page.locator('#state[data-state=live]').waitFor();
  expect(complaints).toEqual([]);
});

test.each(['light', 'dark'] as const)('fits a narrow screen in %s', async (colorScheme) => {
  await using opened = await open({}, '/', 360);
  const { server, page, complaints } = opened;
  await page.emulateMedia({ colorScheme });
  await server.deliver(`${'long'.repeat(40)} 123456`, `${'ada'.repeat(20)}@example.com`, 'email');
  await page.locator('.message').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(complaints).toEqual([]);
});
