import { expect, test } from 'vitest';
import { httpLimits, tightened } from './limits.ts';
import { createHttpServer } from './server.ts';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };

test('holds the hard limits', () => {
  expect(httpLimits).toMatchObject({ bodyBytes: 16_384, headerBytes: 16_384, urlBytes: 2_048, connections: 2_000 });
  expect(httpLimits).toMatchObject({ headersTimeoutMs: 10_000, requestTimeoutMs: 15_000 });
  expect(httpLimits.headersTimeoutMs + httpLimits.connectionsCheckingIntervalMs).toBeLessThan(12_000);
});

test('lowers limits and never raises them', () => {
  const wanted = { bodyBytes: 10, urlBytes: 1_000_000, headersTimeoutMs: Number.POSITIVE_INFINITY };
  expect(tightened(wanted)).toEqual({ ...httpLimits, bodyBytes: 10 });
});

test('hands the limits to the server that reads from the network', async () => {
  const app = createHttpServer({ log: silent, limits: { connections: 1_000_000 } });
  const { maxConnections, headersTimeout, requestTimeout, keepAliveTimeout } = app.server;
  expect({ maxConnections, headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
    maxConnections: 2_000,
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
  });
  await app.close();
});
