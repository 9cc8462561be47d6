import * as OTPAuth from 'otpauth';
import type { Static } from 'typebox';
import type {
  activateReply,
  challengeCheckReply,
  challengeReply,
  enrolReply,
  newRecoveryCodesReply,
} from '../src/faces/people/factor-wire.ts';
import type { Client, Reply } from './client.ts';

/* Users and their second factors, as a tenant's backend asks for them. */

type Fields = Readonly<Record<string, unknown>>;
export type Enrolled = Static<typeof enrolReply>;

/** A user that is there, as its tenant asks about it. */
export interface Person {
  readonly id: string;
  /** Below the path of the user. */
  ask<Body = Fields>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply<Body>>;
  enrol(fields: Fields): Promise<Reply<Enrolled>>;
  activate(factorId: string, code: string): Promise<Reply<Static<typeof activateReply>>>;
  challenge(fields?: Fields): Promise<Reply<Static<typeof challengeReply>>>;
  check(challengeId: string, code: string): Promise<Reply<Static<typeof challengeCheckReply>>>;
  recoveryCodes(): Promise<readonly string[]>;
}

export async function aPerson(client: Client, fields: Fields = {}): Promise<Person> {
  const { body } = await client.request<{ readonly id: string }>('POST', '/v1/users', { body: fields });
  return person(client, body.id);
}

export function person(client: Client, id: string): Person {
  const ask = <Body = Fields>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) =>
    client.request<Body>(method, `/v1/users/${id}/${path}`, {
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  return {
    id,
    ask,
    enrol: (wish) => ask('POST', 'factors', wish),
    activate: (factorId, code) => ask('POST', `factors/${factorId}/activate`, { code }),
    challenge: (wish = {}) => ask('POST', 'challenges', wish),
    check: (challengeId, code) => ask('POST', `challenges/${challengeId}/checks`, { code }),
    async recoveryCodes() {
      return (await ask<Static<typeof newRecoveryCodesReply>>('POST', 'recovery-codes', {})).body.codes;
    },
  };
}

/** What an authenticator app shows that read this URI: by an implementation that is not ours. */
export function shownByApp(otpauthUri: string | undefined, atMs: number): string {
  const app = OTPAuth.URI.parse(otpauthUri ?? '');
  if (!(app instanceof OTPAuth.TOTP)) throw new Error('the URI is of no app that goes by time');
  return app.generate({ timestamp: atMs });
}

/** A user with an active authenticator app. @param nowMs - by the server's clock */
export async function aPersonWithApp(client: Client, nowMs: number, fields: Fields = {}) {
  const who = await aPerson(client, fields);
  const app = (await who.enrol({ kind: 'totp' })).body;
  await who.activate(app.id, shownByApp(app.otpauthUri, nowMs));
  return { who, app };
}
