import { expect, test } from 'vitest';
import { nullProvider } from './null.ts';

test('accepts a message of any channel', async () => {
  for (const channel of nullProvider.channels) {
    const message = { channel, recipient: '+33612345678', sender: 'Countersign', text: '123456', reference: 'r1' };
    expect(await nullProvider.send(message, { signal: AbortSignal.timeout(1000) })).toEqual({ kind: 'accepted' });
  }
});
