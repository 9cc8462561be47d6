import { expect, test } from 'vitest';
import { textOf } from '../../testing/syntax.ts';
import { logFields } from '../engine/log.ts';
import { createMeter } from '../engine/meter.ts';
import { createMetrics, type Gauges } from './metrics.ts';

const now: Gauges = {
  commandsWaiting: 3,
  sendsQueued: 4,
  sendsRunning: 5,
  sendingStopped: true,
  webhooksRunning: 7,
  webhooksWaiting: 8,
  webhooksOldestMs: 9500,
  loopDelay: { p50Ms: 1, p99Ms: 20, maxMs: 300 },
  clockSteps: 2,
  ready: false,
  secretsOverdue: 6,
  storeBytes: { database: 4096, log: 0 },
};

function setUp(gauges: Partial<Gauges> = {}) {
  const meter = createMeter();
  const metrics = createMetrics({ meter, version: '1.2.3', gauges: async () => ({ ...now, ...gauges }) });
  const lines = async () => (await metrics.scrape()).text.split('\n');
  return { meter, metrics, lines };
}

test('shows what was counted, each time as it stands', async () => {
  const { meter, lines } = setUp();
  meter.requests.add(['native', 201]);
  meter.commands.add(['create', 'created'], 2);
  meter.providerCall('first', 0.2);
  await lines();
  meter.requests.add(['native', 201]);
  const text = await lines();
  expect(text).toEqual(
    expect.arrayContaining([
      'countersign_info{version="1.2.3"} 1',
      'countersign_http_requests_total{face="native",status="201"} 2',
      'countersign_commands_total{command="create",outcome="created"} 2',
      'countersign_provider_call_seconds_bucket{le="0.1",provider="first"} 0',
      'countersign_provider_call_seconds_bucket{le="0.25",provider="first"} 1',
      'countersign_provider_call_seconds_bucket{le="+Inf",provider="first"} 1',
      'countersign_provider_call_seconds_sum{provider="first"} 0.2',
      'countersign_provider_call_seconds_count{provider="first"} 1',
      'countersign_commit_seconds_count 0',
      'countersign_clock_steps_total 2',
      'countersign_ready 0',
      'countersign_sending_stopped 1',
      'countersign_webhooks_oldest_seconds 9.5',
      'countersign_event_loop_delay_seconds{quantile="0.99"} 0.02',
      'countersign_store_bytes{file="database"} 4096',
    ]),
  );
  expect(text.some((line) => line.startsWith('countersign_process_cpu_seconds_total '))).toBe(true);
});

test('a store without files has no sizes, and two servers in one process do not mix', async () => {
  const [one, other] = [setUp({ storeBytes: {} }), setUp()];
  one.meter.shed.add(['create']);
  expect((await one.lines()).some((line) => line.startsWith('countersign_store_bytes{'))).toBe(false);
  expect((await other.lines()).some((line) => line.startsWith('countersign_shed_total{'))).toBe(false);
});

test('a counter keeps a bounded number of series, and nothing gets lost', () => {
  const { meter } = setUp();
  for (let at = 0; at < 2000; at++) meter.sends.add(['sms', `provider-${at}`, 'accepted']);
  const series = meter.sends.series();
  expect(series.length).toBeLessThanOrEqual(501);
  expect(series.reduce((sum, { count }) => sum + count, 0)).toBe(2000);
  expect(series.at(-1)).toEqual({ labels: { channel: 'other', provider: 'other', result: 'other' }, count: 1500 });
});

/** Names with their labels and types, as the page lists them. */
function documented(): Map<string, string> {
  const rows = textOf('docs/observability.md').matchAll(/^\| `countersign_(\w+)(?:\{([\w,]+)\})?` +\| (\w+) +\|/gm);
  return new Map([...rows].map(([, name = '', labels = '', type = '']) => [name, `${type} ${labels}`.trim()]));
}

test('docs/observability.md lists every metric with its type and labels, and no other', async () => {
  const { meter, lines } = setUp();
  meter.requests.add(['native', 200]);
  meter.commands.add(['create', 'created']);
  meter.sends.add(['sms', 'first', 'accepted']);
  meter.notices.add(['ceiling-warning']);
  meter.webhooks.add(['endpoint', 'delivered']);
  meter.shed.add(['create']);
  meter.providerCall('first', 1);
  const text = await lines();
  const shown = new Map<string, string>();
  for (const line of text) {
    const [, name = '', type = ''] = /^# TYPE countersign_(\w+) (\w+)$/.exec(line) ?? [];
    if (name === '' || /^(?:process|nodejs)_/.test(name)) continue;
    const value = text.find((one) => new RegExp(`^countersign_${name}(?:_bucket)?[{ ]`).test(one)) ?? '';
    const labels = [...value.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
    shown.set(name, `${type} ${labels.join(',')}`.trim());
  }
  expect(shown.size).toBeGreaterThan(15);
  expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(shown));
});

test('docs/observability.md lists every field of the log, with what it means', () => {
  const rows = [...textOf('docs/observability.md').matchAll(/^\| `([a-zA-Z]+)` +\| (.+?) +\|$/gm)];
  const listed = Object.fromEntries(rows.map(([, name, meaning]) => [name, meaning]));
  expect(listed).toEqual(logFields);
});
