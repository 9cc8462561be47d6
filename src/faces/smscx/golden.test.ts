import { expect, test } from 'vitest';
import { virtualClock } from '../../../testing/clock.ts';
import { openSmscx, wrongPin } from '../../../testing/smscx.ts';
import { textOf } from '../../../testing/syntax.ts';

/* Exchanges to the byte, one after the other: what changes here, changes for every client. */

interface Exchange {
  readonly sentence: string;
  readonly request: string;
  readonly body?: string;
  readonly status: number;
  readonly answer: string;
}

test('speaks as it always did', async () => {
  await using smscx = await openSmscx({ clock: virtualClock() });
  let [otpId, pin] = ['', ''];
  const filledIn = (text: string) =>
    text.replaceAll('<otpId>', otpId).replaceAll('<pin>', pin).replaceAll('<wrong pin>', wrongPin(pin));

  for (const { sentence, request, body, status, answer } of JSON.parse(
    textOf('testing/golden/smscx.json'),
  ) as Exchange[]) {
    const [method = '', path = ''] = filledIn(request).split(' ');
    const response = await fetch(smscx.base + path, {
      method,
      headers: { 'x-api-key': smscx.apiKey, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(25_000),
      ...(body === undefined ? {} : { body: filledIn(body) }),
    });
    const text = await response.text();
    if (response.status === 201) {
      otpId = (JSON.parse(text) as { otpId: string }).otpId;
      pin = (await smscx.server.outbox.message(otpId)).code;
    }
    expect([sentence, response.status, text]).toEqual([sentence, status, filledIn(answer)]);
  }
});
