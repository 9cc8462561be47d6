import { expect, test } from 'vitest';
import { type MetalUser, openMetal } from '../../../testing/metal.ts';
import { wrongFor } from '../../../testing/numbers.ts';
import { textOf } from '../../../testing/syntax.ts';
import { until } from '../../../testing/until.ts';

/* Exchanges to the byte, one after the other: what changes here, changes for every client. */

interface Exchange {
  readonly sentence: string;
  readonly request: string;
  readonly token?: string;
  readonly otp?: string;
  readonly body?: string;
  readonly status: number;
  readonly answer: string;
}

const patterns: Readonly<Record<string, string>> = {
  any: '[A-Za-z0-9_-]{36,102}',
  'ten codes': '\\["[0-9a-z]{10}"(?:,"[0-9a-z]{10}"){9}\\]',
  secret: '[A-Z2-7]{32}',
};

/** What an answer has to be, with what the server draws left open. */
function patternOf(answer: string): RegExp {
  const escaped = answer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/<(any|ten codes|secret)>/g, (_, name: string) => patterns[name] ?? '')}$`);
}

test('every exchange of testing/golden/metal.json is answered to the letter', async () => {
  await using metal = await openMetal();
  const phoneNumber = '+33612345678';
  const user: MetalUser = await metal.user({ email: 'ada@example.org', password: 'correct horse', phoneNumber });
  const { id: userId, token } = user;
  const known = new Map([
    ['userId', userId],
    ['shortId', userId.slice(0, 8)],
    ['project', metal.server.alice.apiKey],
  ]);
  const filledIn = (text: string) => text.replace(/<(\w+)>/g, (whole, name: string) => known.get(name) ?? whole);
  const { messages } = metal.server.outbox;

  for (const exchange of JSON.parse(textOf('testing/golden/metal.json')) as Exchange[]) {
    const { sentence, request, body, status, answer, otp } = exchange;
    const [method = '', path = ''] = filledIn(request).split(' ');
    const before = messages.length;
    const told = await metal.ask(method, path, {
      token: filledIn(exchange.token ?? token),
      otp: otp === undefined ? undefined : filledIn(otp),
      ...(body === undefined ? {} : { text: body }),
    });
    expect([sentence, told.status]).toEqual([sentence, status]);
    expect(told.text).toMatch(patternOf(filledIn(answer)));
    if (path.endsWith('/sms/receive')) {
      const { code } = await until('the message', () => messages[before]);
      known.set('sms', code).set('wrong', wrongFor(code));
    }
    const { otp_uri: uri } = told.body;
    if (uri !== undefined) known.set('app', metal.appOf(String(uri)).code());
    if (sentence === 'the user with the app') known.set('recovery', (await user.recoveryCodes())[0] ?? '');
  }
});
