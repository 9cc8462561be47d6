import { expect, test } from 'vitest';
import { startMs, virtualClock } from '../../../testing/clock.ts';
import { openServer } from '../../../testing/server.ts';
import { asked } from '../../../testing/smsworks.ts';
import { textOf } from '../../../testing/syntax.ts';
import { pairOf } from '../../domain/api-key.ts';

/* Exchanges as the vendor documents them, replayed in order: whole bodies, whatever is ours to choose filled in. */

interface Exchange {
  readonly name: string;
  /** Before the request. */
  readonly afterSeconds?: number;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly token?: string;
    readonly body?: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const exchanges = JSON.parse(textOf('testing/golden/smsworks.json')) as readonly Exchange[];

test('every exchange of testing/golden/smsworks.json is answered to the letter', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const known = new Map<string, string>(Object.entries(pairOf(server.alice.apiKey)));
  known.set('customerid', server.alice.tenantId);
  const filled = (text: string) =>
    text
      .replace(/<([0-9]+) s>/g, (_, seconds) => new Date(startMs + Number(seconds) * 1000).toISOString())
      .replace(/<([a-z]+)>/g, (whole, name: string) => known.get(name) ?? whole);

  for (const { name, afterSeconds = 0, request, response } of exchanges) {
    clock.advance(afterSeconds * 1000);
    const { method, path, token, body } = JSON.parse(filled(JSON.stringify(request))) as Exchange['request'];
    const headers = token === undefined ? {} : { authorization: token };
    const answer = await asked(server, method, path, body, headers);
    learn(known, response.body, answer.body);
    const expected = { status: response.status, body: JSON.parse(filled(JSON.stringify(response.body))) };
    expect({ status: answer.status, body: answer.body }, name).toEqual(expected);
  }
  expect(exchanges.length).toBeGreaterThan(10);
});

/** What the server chooses has a name where it comes first, and is the same from then on. */
function learn(known: Map<string, string>, expected: unknown, given: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(expected as object)) {
    const name = /^<([a-z]+)>$/.exec(String(value))?.[1];
    if (name !== undefined && !known.has(name)) known.set(name, String(given[field]));
  }
}
