import { expect, test } from 'vitest';
import { aMessage } from '../../../testing/builders.ts';
import { nullProvider } from './null.ts';

test('accepts a message of any channel', async () => {
  for (const channel of nullProvider.channels) {
    expect(await nullProvider.send(aMessage({ channel }), { signal: AbortSignal.timeout(1000) })).toEqual({
      kind: 'accepted',
    });
  }
});
