import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';

const packed = fileURLToPath(new URL('../../bin/chromium.br', import.meta.resolve('@sparticuz/chromium')));
const unpackedFolder = fileURLToPath(new URL('../node_modules/.cache/chromium-143', import.meta.url));

/** No sandbox, since tests may run as root in a container; and nothing that reaches for the network by itself. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a headless Chromium that closes with the block it was opened in: `await using browser = await openBrowser()`.
 * The browser comes out of an npm package; the first start unpacks it, which takes some seconds.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await unpack();
  return chromium.launch({ executablePath, headless: true, timeout: 20_000, args });
}

/** What a page complains about from now on: console errors, uncaught errors and violations of its CSP. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

/** Unpacks beside the target and renames, so that test files starting together never run half a browser. */
async function unpack(): Promise<string> {
  const executable = join(unpackedFolder, 'chromium');
  if (existsSync(executable)) return executable;

  await mkdir(unpackedFolder, { recursive: true });
  const partial = `${executable}.${randomUUID()}`;
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(partial, { mode: 0o755 }));
  await rename(partial, executable);
  return executable;
}
