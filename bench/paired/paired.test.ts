import { expect, test } from 'vitest';
import type { Round } from '../round.ts';
import { type DialectName, dialectNames, speechOf } from './dialects.ts';
import { inTurn, pairedGoals, pairedText, rowOf } from './paired.ts';

const aRound = (serverCpuMicros: number, requestsPerSecond = 1000): Round => ({
  requestsPerSecond,
  p50Ms: 1,
  p99Ms: 2,
  serverCpuMicros,
  generatorCpu: 0.1,
  fsyncsPerRequest: undefined,
  eventLoopDelayP99Ms: undefined,
  voidBecause: '',
});

test.each([2, 3, 4])(
  'has each of %i take each place equally often, and nobody always behind the same other',
  (count) => {
    const orders = Array.from({ length: 2 * count }, (_, round) => inTurn(count, round));
    for (let place = 0; place < count; place++) {
      for (let one = 0; one < count; one++) expect(orders.filter((order) => order[place] === one)).toHaveLength(2);
    }
    const behind = (order: readonly number[], one: number) => order[order.indexOf(one) - 1];
    for (let one = 0; one < count; one++)
      expect(new Set(orders.map((order) => behind(order, one))).size).toBeGreaterThan(1);
  },
);

test('compares each round with the one beside it, so that a slow minute falls on both', () => {
  const first = [aRound(100), aRound(200), aRound(300)];
  const other = [aRound(110), aRound(220), aRound(900)];
  const rows = [rowOf('one', first, first), rowOf('other', other, first)];
  expect(rows.map(({ isFirst, timesCpu }) => [isFirst, timesCpu])).toEqual([
    [true, 1],
    [false, 1.1],
  ]);
  expect(pairedGoals(rows, 1.15).map(({ name, verdict }) => [name, verdict])).toEqual([['other', 'met']]);
});

test('a round that is void voids its row and no other, and its figures count nowhere', () => {
  const first = [aRound(100), aRound(200), aRound(300)];
  const broken = { ...aRound(0, 0), voidBecause: 'prepared 5999 of 6000 verifications: 503' };
  const rows = [rowOf('one', first, first), rowOf('other', [aRound(110), broken, aRound(330)], first)];
  expect(rows.map(({ serverCpuMicros, voidBecause }) => [serverCpuMicros, voidBecause])).toEqual([
    [200, ''],
    [220, broken.voidBecause],
  ]);
  expect(rows[1]?.timesCpu).toBeCloseTo(1.1);
  expect(pairedGoals(rows, 1.15).map(({ name, verdict }) => [name, verdict])).toEqual([['other', 'VOID']]);
  expect(pairedText(rows)).toContain(`VOID: ${broken.voidBecause}`);

  const besideBroken = [
    rowOf('one', [broken, aRound(200)], [broken, aRound(200)]),
    rowOf('other', [aRound(1), aRound(300)], [broken, aRound(200)]),
  ];
  expect(besideBroken[1]?.timesCpu).toBe(1.5);
});

const answers: Readonly<Record<DialectName, string>> = {
  native: '{"id":"0192","status":"pending"}',
  smsworks: '{"messageid":"0192"}',
  smscx: '{"otpId":"0192"}',
  ding: '{"authentication_uuid":"0192"}',
};

test.each(dialectNames)('speaks %s: each request with its own recipient, id and code, of one length', (dialect) => {
  const speech = speechOf({ dialect, credential: 'k', customer: 'c' }, '127.0.0.1:1');
  const [send, check] = [speech.send(), speech.check()];
  const texts = [0, 1].map((index) => {
    send.fill(index);
    return send.bytes.toString('latin1');
  });
  expect(texts[0]).toContain('33600000000');
  expect(texts[0]).not.toBe(texts[1]);
  const typed = dialect === 'smsworks' ? '1234567890' : '123456';
  check.fill('0192f000-0000-7000-8000-000000000001', typed);
  const [head = '', body = ''] = check.bytes.toString('latin1').split('\r\n\r\n');
  expect(body).toContain(`"${typed}"`);
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(dialect === 'smsworks' || check.bytes.includes('0192f000-0000-7000-8000-000000000001')).toBe(true);
  expect(speech.idIn(answers[dialect])).toBe('0192');
  for (const code of ['123456', '012345']) expect(speech.wrongCode(code)).not.toBe(code);
});
