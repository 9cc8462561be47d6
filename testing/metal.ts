import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { systemRandom } from '../src/engine/random.ts';
import { openDevelopmentDirectory } from '../src/main/data-directory.ts';
import { defaultFaces } from '../src/main/parts.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { aNumber } from './numbers.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';
import { until } from './until.ts';

/* The API of Equinix Metal over plain HTTP, and users to ask it. */

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly token?: string | undefined;
  /** The one-time password in the header. */
  readonly otp?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it goes over the wire. */
  readonly text?: string;
}

export interface Metal extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: VirtualClock;
  readonly url: string;
  ask(method: string, path: string, asked?: Asked): Promise<Told>;
  login(login: string, password: string): Promise<Told>;
  /** With a number of its own, and without a password, unless it is said otherwise. */
  user(given?: GivenUser): Promise<MetalUser>;
  /** The app that was given this URI. */
  appOf(uri: string): App;
}

export interface GivenUser {
  readonly email?: string;
  readonly phoneNumber?: string | undefined;
  readonly password?: string | undefined;
}

/** A user, with a token that it has for good. */
export interface MetalUser {
  readonly id: string;
  readonly email: string;
  readonly phoneNumber: string | undefined;
  readonly token: string;
  ask(method: string, path: string, asked?: Asked): Promise<Told>;
  login(): Promise<Told>;
  /** The token of a new session. */
  session(): Promise<string>;
  /** Has a code sent, and reads it in the message. */
  sms(asked?: Asked): Promise<string>;
  /** Has a seed made for an app. */
  app(): Promise<App>;
  enableSms(): Promise<void>;
  /** The app's code that enabled it is used up. */
  enableApp(): Promise<App>;
  recoveryCodes(): Promise<readonly string[]>;
  verify(otp: string, token?: string): Promise<Told>;
}

/** An authenticator app, which is another implementation than the server's. */
export interface App {
  readonly uri: string;
  /** @param steps - of 30 seconds, from now */
  code(steps?: number): string;
}

export const invalidOtp = { errors: ['Invalid OTP'] };
const by = { name: 'operator test' };

let users = 0;

export async function openMetal(options: TestServerOptions = {}): Promise<Metal> {
  const clock = options.clock ?? virtualClock();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'countersign-metal-'));
  const { tenantId } = openDevelopmentDirectory(join(directory, 'alice'), systemRandom()).credentials;
  const faces = { ...defaultFaces, metal: { ...defaultFaces.metal, tenant: tenantId } };
  const server = await openServer({ faces, ...options, clock, directory });
  const url = `${server.url}/metal/v1`;

  const ask: Metal['ask'] = async (method, path, { token, otp, headers = {}, text } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { 'x-auth-token': token }),
        ...(otp === undefined ? {} : { 'x-otp-token': otp }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: AbortSignal.timeout(25_000),
      ...(text === undefined ? {} : { body: text }),
    });
    const said = await response.text();
    const body = said === '' ? {} : JSON.parse(said);
    return { status: response.status, headers: response.headers, text: said, body };
  };
  const login: Metal['login'] = (login, password) =>
    ask('POST', '/sessions', { text: JSON.stringify({ login, password }) });

  function appOf(uri: string): App {
    const totp = URI.parse(uri) as TOTP;
    return { uri, code: (steps = 0) => totp.generate({ timestamp: clock.wallMs() + steps * 30_000 }) };
  }

  async function user(given: GivenUser = {}): Promise<MetalUser> {
    users += 1;
    const { phoneNumber, password } = { phoneNumber: aNumber(), ...given };
    const { email = `user-${users}@example.org` } = given;
    const { people } = server.parts;
    const { outcome } = await people.users.create({ tenantId, by }, { email, phoneNumber, password });
    if (outcome.kind !== 'user') throw new Error(`no user was made: ${outcome.kind}`);
    const { id } = outcome.user;
    const made = await people.sessions.createUserToken({ tenantId, by }, id, { description: 'test' });
    if (made.kind !== 'session') throw new Error(`no token was made: ${made.kind}`);
    const { token } = made;

    const own: Metal['ask'] = (method, path, asked) => ask(method, path, { token, ...asked });
    const messages = () => server.outbox.messages.filter(({ recipient }) => recipient === phoneNumber);
    const expectStatus = ({ status, text }: Told, expected: number) => {
      if (status !== expected) throw new Error(`answered ${status}: ${text}`);
    };
    const self: MetalUser = {
      id,
      email,
      phoneNumber,
      token,
      ask: own,
      login: () => login(email, password ?? ''),
      session: async () => String((await self.login()).body.token),
      async sms(asked) {
        const before = messages().length;
        expectStatus(await own('POST', '/user/otp/sms/receive', asked), 204);
        const message = await until('the message', () => messages()[before]);
        return message.text.split(' ', 1)[0] ?? '';
      },
      async app() {
        const told = await own('POST', '/user/otp/app/receive');
        expectStatus(told, 200);
        return appOf(String(told.body.otp_uri));
      },
      async enableSms() {
        expectStatus(await own('POST', '/user/otp/sms', { otp: await self.sms() }), 200);
      },
      async enableApp() {
        const app = await self.app();
        expectStatus(await own('POST', '/user/otp/app', { otp: app.code(-1) }), 200);
        return app;
      },
      recoveryCodes: async () =>
        (await own('GET', '/user/otp/recovery-codes')).body.recovery_codes as readonly string[],
      verify: (otp, as = token) =>
        ask('POST', `/user/otp/verify/${encodeURIComponent(otp)}`, { token: as, headers: { 'content-length': '0' } }),
    };
    return self;
  }

  return {
    server,
    clock,
    url,
    ask,
    login,
    user,
    appOf,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
