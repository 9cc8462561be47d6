import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, invalidOtp, type Metal, type MetalUser, openMetal, type Told } from '../../../testing/metal.ts';
import { wrongFor } from '../../../testing/numbers.ts';

/* What each call comes to in each state of a user, and what it leaves behind. */

let metal: Metal;
beforeAll(async () => {
  metal = await openMetal();
});
afterAll(() => metal[Symbol.asyncDispose]());

type State = 'off' | 'sms' | 'app';

/** A user in a state, with a code of each kind that is right now, where there can be one. */
interface Given {
  readonly user: MetalUser;
  readonly sms: string;
  /** Of the app that is enabled, or else of one that waits to be. */
  readonly app?: App | undefined;
}

async function inState(state: State): Promise<Given> {
  const user = await metal.user();
  if (state === 'sms') await user.enableSms();
  const app = state === 'app' ? await user.enableApp() : state === 'off' ? await user.app() : undefined;
  return { user, app, sms: await user.sms() };
}

const appCode = ({ app }: Given) => app?.code() ?? '123456';

type Call = (given: Given) => Promise<Told>;
const calls: Readonly<Record<string, Call>> = {
  'sms/receive': ({ user }) => user.ask('POST', '/user/otp/sms/receive'),
  'app/receive': ({ user }) => user.ask('POST', '/user/otp/app/receive'),
  'POST sms': ({ user, sms }) => user.ask('POST', '/user/otp/sms', { otp: sms }),
  'POST sms, wrong': ({ user, sms }) => user.ask('POST', '/user/otp/sms', { otp: wrongFor(sms) }),
  'POST sms, without a code': ({ user }) => user.ask('POST', '/user/otp/sms'),
  'POST sms with a code of the app': (given) => given.user.ask('POST', '/user/otp/sms', { otp: appCode(given) }),
  'POST app': (given) => given.user.ask('POST', '/user/otp/app', { otp: appCode(given) }),
  'POST app, wrong': (given) => given.user.ask('POST', '/user/otp/app', { otp: wrongFor(appCode(given)) }),
  'POST app, without a code': ({ user }) => user.ask('POST', '/user/otp/app'),
  'POST app with a code of SMS': ({ user, sms }) => user.ask('POST', '/user/otp/app', { otp: sms }),
  'DELETE sms': ({ user, sms }) => user.ask('DELETE', '/user/otp/sms', { otp: sms }),
  'DELETE sms, wrong': ({ user, sms }) => user.ask('DELETE', '/user/otp/sms', { otp: wrongFor(sms) }),
  'DELETE sms, without a code': ({ user }) => user.ask('DELETE', '/user/otp/sms'),
  'DELETE app': (given) => given.user.ask('DELETE', '/user/otp/app', { otp: appCode(given) }),
  'DELETE app, wrong': (given) => given.user.ask('DELETE', '/user/otp/app', { otp: wrongFor(appCode(given)) }),
  'DELETE app with a code of SMS': ({ user, sms }) => user.ask('DELETE', '/user/otp/app', { otp: sms }),
  'DELETE app, without a code': ({ user }) => user.ask('DELETE', '/user/otp/app'),
  'GET recovery-codes': ({ user }) => user.ask('GET', '/user/otp/recovery-codes'),
  'POST recovery-codes': ({ user }) => user.ask('POST', '/user/otp/recovery-codes'),
  'verify with the last SMS code': ({ user, sms }) => user.verify(sms),
  'verify with a code of the app': (given) => given.user.verify(appCode(given)),
  'verify, wrong': ({ user, sms }) => user.verify(wrongFor(sms)),
};

const table: readonly (readonly [call: string, off: number, sms: number, app: number])[] = [
  ['sms/receive', 204, 204, 204],
  ['app/receive', 200, 422, 422],
  ['POST sms', 200, 422, 422],
  ['POST sms, wrong', 424, 422, 422],
  ['POST sms, without a code', 424, 422, 422],
  ['POST sms with a code of the app', 424, 422, 422],
  ['POST app', 200, 422, 422],
  ['POST app, wrong', 424, 422, 422],
  ['POST app, without a code', 424, 422, 422],
  ['POST app with a code of SMS', 424, 422, 422],
  ['DELETE sms', 404, 204, 404],
  ['DELETE sms, wrong', 404, 424, 404],
  ['DELETE sms, without a code', 404, 424, 404],
  ['DELETE app', 404, 404, 204],
  ['DELETE app, wrong', 404, 404, 424],
  ['DELETE app with a code of SMS', 404, 404, 424],
  ['DELETE app, without a code', 404, 404, 424],
  ['GET recovery-codes', 422, 200, 200],
  ['POST recovery-codes', 422, 200, 200],
  ['verify with the last SMS code', 204, 204, 204],
  ['verify with a code of the app', 400, 400, 204],
  ['verify, wrong', 400, 400, 400],
];

const rows = table.flatMap(([call, ...statuses]) =>
  (['off', 'sms', 'app'] as const).map((state, at) => [state, call, statuses[at] ?? 0] as const),
);

/** The state that a success leads to. */
const leadsTo: Readonly<Record<string, State>> = {
  'POST sms': 'sms',
  'POST app': 'app',
  'DELETE sms': 'off',
  'DELETE app': 'off',
};

test.each(rows)('%s: %s is %i', async (state, call, status) => {
  const given = await inState(state);
  const told = await calls[call]?.(given);
  expect(told?.status).toBe(status);
  if (told === undefined) throw new Error(`there is no call ${call}`);
  expect(Object.keys(told.body)).toEqual(status >= 400 ? ['errors'] : told.text === '' ? [] : [expect.any(String)]);
  if (status === 424 || status === 400) expect(told.text).toBe(JSON.stringify(invalidOtp));
  if (status >= 400) expect(told.headers.get('content-type')).toMatch(/^application\/json/);

  const next = status < 300 ? (leadsTo[call] ?? state) : state;
  const { body } = await given.user.ask('GET', '/user');
  expect(body.two_factor_auth).toBe(next === 'off' ? undefined : next);
  expect((await given.user.ask('GET', '/user/otp/recovery-codes')).status).toBe(next === 'off' ? 422 : 200);
});
