import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reply } from './client.ts';
import { virtualClock } from './clock.ts';
import { aPerson, aPersonWithApp, person, shownByApp } from './person.ts';
import { openServer } from './server.ts';
import { until } from './until.ts';

/* What holds of second factors however requests cross each other, over real HTTP and a real database file. */

const minuteMs = 60_000;

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** Asks again while the server is too busy to have looked at the request at all. */
async function insist<Body>(ask: () => Promise<Reply<Body>>): Promise<Reply<Body>> {
  return until('an answer', async () => {
    const reply = await ask();
    const { reason } = reply.body as { reason?: unknown };
    return reply.status === 503 && reason === 'overloaded' ? undefined : reply;
  });
}

/** What each answer says: its result, or the code of its problem. */
const tally = (replies: readonly Reply<unknown>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { body } of replies) {
    const { result, code = '' } = body as { result?: string; code?: string };
    const said = result ?? code;
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
};

test('of two hundred submissions of one code at once, one verifies', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { who, app } = await aPersonWithApp(server.alice, clock.wallMs());
  clock.advance(minuteMs);
  const challenge = (await who.challenge()).body;
  const code = shownByApp(app.otpauthUri, clock.wallMs());
  const replies = await times(200, () => insist(() => who.check(challenge.id, code)));
  expect(tally(replies)).toEqual({ verified: 1, already_verified: 199 });
});

test('of a hundred uses of one recovery code at once, for a challenge each, one verifies', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { who } = await aPersonWithApp(server.alice, clock.wallMs());
  const [code = ''] = await who.recoveryCodes();
  const challenges = await times(100, async () => (await insist(() => who.challenge())).body.id);
  const replies = await times(100, (at) => insist(() => who.check(challenges[at] ?? '', code)));
  expect(tally(replies)).toEqual({ verified: 1, wrong_code: 5, user_paused: 94 });
  expect((await who.ask('GET', 'recovery-codes')).body).toMatchObject({ left: 9 });
});

test('of a factor that is activated and removed at once nothing is left, and what is active stays', async () => {
  const clock = virtualClock();
  await using server = await openServer({ clock });
  const { who, app } = await aPersonWithApp(server.alice, clock.wallMs());
  for (let round = 0; round < 10; round++) {
    const { id, otpauthUri } = (await who.enrol({ kind: 'totp' })).body;
    const code = shownByApp(otpauthUri, clock.wallMs());
    const [activated, removed] = await Promise.all([who.activate(id, code), who.ask('DELETE', `factors/${id}`)]);
    expect([200, 404]).toContain(activated.status);
    expect(removed.status).toBe(200);
    expect((await who.ask('GET', `factors/${id}`)).status).toBe(404);
  }
  const { body } = await who.ask<{ factors: { id: string; status: string }[] }>('GET', 'factors');
  expect(body.factors).toMatchObject([{ id: app.id, status: 'active' }]);
});

test('of twenty enrolments of an app at once, one is left, and no more than ten factors of any kind', async () => {
  await using server = await openServer();
  const who = await aPerson(server.alice);
  await times(20, () => insist(() => who.enrol({ kind: 'totp' })));
  const apps = await who.ask<{ factors: unknown[] }>('GET', 'factors');
  expect(apps.body.factors).toHaveLength(1);
  const replies = await times(20, (at) =>
    insist(() => who.enrol({ kind: 'email', recipient: `ada${at}@example.com` })),
  );
  expect(tally(replies)).toEqual({ '': 9, too_many_factors: 11 });
});

test('a code that was accepted is refused after a restart, and by a clock that was set back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-factors-'));
  try {
    const clock = virtualClock();
    const first = await openServer({ clock, directory });
    const { who, app } = await aPersonWithApp(first.alice, clock.wallMs());
    clock.advance(minuteMs);
    const code = shownByApp(app.otpauthUri, clock.wallMs());
    const check = async (one: typeof who, typed: string) =>
      (await one.check((await one.challenge()).body.id, typed)).body;
    expect(await check(who, code)).toMatchObject({ result: 'verified' });
    await first[Symbol.asyncDispose]();

    clock.stepWall(-minuteMs);
    await using second = await openServer({ clock, directory });
    const same = person(second.alice, who.id);
    const earlier = shownByApp(app.otpauthUri, clock.wallMs());
    for (const used of [code, earlier]) expect(await check(same, used)).toMatchObject({ result: 'wrong_code' });
    clock.stepWall(minuteMs);
    clock.advance(minuteMs);
    const later = shownByApp(app.otpauthUri, clock.wallMs());
    expect(await check(same, later)).toMatchObject({ result: 'verified' });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
