import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { complaintsOf, openBrowser } from './browser.ts';

test('runs the scripts of a page, and hears it complain about what its policy forbids', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.setHeader('content-security-policy', "default-src 'none'; img-src data:");
    response.end('<link rel="icon" href="data:,"><h1>Hello</h1><script>document.title = "ran"</script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await using browser = await openBrowser();
    const page = await browser.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

    expect(await page.textContent('h1')).toBe('Hello');
    expect(await page.evaluate('1 + 1')).toBe(2);
    expect(await page.title()).toBe('');
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain('Content Security Policy');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
