import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Provider } from '../src/engine/provider.ts';
import { aNumber } from './numbers.ts';
import { openServer } from './server.ts';
import { until } from './until.ts';

/** A provider that notes what is done to it. */
function noted(notes: string[], over: Partial<Provider> = {}): Provider {
  return {
    name: 'noted',
    channels: ['sms'],
    deduplicates: true,
    async send() {
      return { kind: 'accepted' };
    },
    async close() {
      notes.push('close');
    },
    ...over,
  };
}

test('gives back the connections of providers once nothing is under way', async () => {
  const notes: string[] = [];
  const gate = new EventEmitter();
  async function send() {
    notes.push('send');
    await once(gate, 'open');
    notes.push('sent');
    return { kind: 'accepted' } as const;
  }
  await using server = await openServer({ providers: [noted(notes, { send })] });
  expect((await server.alice.create({ recipient: aNumber() })).status).toBe(201);
  await until('the message to be under way', () => (notes.includes('send') ? true : undefined));

  const closed = server.parts.close();
  await setImmediate();
  gate.emit('open');
  await closed;
  expect(notes).toEqual(['send', 'sent', 'close']);
});

test('closes although a provider cannot be closed, and logs no more than its name', async () => {
  const close = async () => {
    throw new TypeError('smtp password hunter2');
  };
  const log = await (async () => {
    await using server = await openServer({ providers: [noted([], { close })] });
    return server.log;
  })();
  expect(log.map(({ level }) => level)).toEqual(['warn']);
  expect(log[0]?.text).toMatch(/could not be closed.*noted.*TypeError/s);
  expect(log[0]?.text).not.toContain('hunter2');
});

test('says at every start what an operator has to know of a provider', async () => {
  await using server = await openServer({ providers: [noted([], { warnings: ['checks no certificates'] })] });
  expect(server.log).toEqual([{ level: 'warn', text: expect.stringMatching(/checks no certificates.*noted/s) }]);
});
