import { type Digest, digest, sameDigest } from '../domain/bytes.ts';
import { canonicalPassword } from '../domain/password.ts';
import { isOpen, isUserToken, type Session, type SessionPolicy } from '../domain/session.ts';
import { readSessionToken, sessionTokenOf } from '../domain/session-token.ts';
import { readLogin, type User } from '../domain/user.ts';
import type { Administered, AlreadyDone } from './administration.ts';
import type { NotFound } from './commands/check-verification.ts';
import type {
  ChallengeRefusal,
  DrawnSession,
  LoginOutcome,
  SessionOutcome,
  TooManyTokens,
} from './commands/open-session.ts';
import { type Answer, committing, repeating } from './committing.ts';
import type { EngineOptions } from './engine.ts';
import type { Log } from './log.ts';
import type { Passwords } from './passwords.ts';
import { uuidv7 } from './random.ts';
import { createSessionUse } from './session-use.ts';
import { Unavailable } from './unavailable.ts';
import { movesMax } from './users.ts';

export interface SessionsOptions extends EngineOptions {
  readonly passwords: Passwords;
  readonly log: Log;
  /** How long sessions last. */
  readonly sessions: SessionPolicy;
}

/** Whose session it is. It may be half-open: whoever asks looks at `state`. */
export interface KnownSession {
  readonly session: Session;
  readonly user: User;
}

export interface UserTokenRequest {
  /** What it is for. */
  readonly description: string;
  readonly expiresAtMs?: number | undefined;
}

/** What a token, or the session of an id, is good for now. A half-open one is good for nothing but its second factor. */
export type Introspection =
  | { readonly active: true; readonly session: Session }
  | { readonly active: false; readonly halfOpen?: Session | undefined };

/** How a session is named: by its id, or by its token. */
export type SessionName = { readonly id: string } | { readonly token: string };

/** What can be asked about sessions and tokens of users. */
export type Sessions = ReturnType<typeof createSessions>;

const nobody = digest('').toString('hex');
const listedMax = 256;

export function createSessions(options: SessionsOptions) {
  const { store, committer, keys, random, passwords, sessions: policy } = options;
  const { queries } = store;
  const nowMs = () => store.clock().nowMs;
  const commit = committing(options);
  const repeat = repeating(keys);
  const used = createSessionUse(options, nowMs);

  /** A token, with what is kept of it. */
  function drawn(face: string): { readonly token: string; readonly session: DrawnSession } {
    const id = uuidv7(nowMs(), random);
    const token = sessionTokenOf(id, random.hex(32));
    return { token, session: { id, hash: digest(token).toString('hex'), face } };
  }

  /** Whatever became of it: its digest is compared also where there is none. */
  async function sessionOf(token: string): Promise<Session | undefined> {
    const read = readSessionToken(token);
    if (read === undefined) return undefined;
    const session = await queries.session(read.id);
    const same = sameDigest(read.hash, Buffer.from(session?.hash ?? nobody, 'hex') as Digest);
    return same ? session : undefined;
  }

  async function known(session: Session | undefined): Promise<KnownSession | undefined> {
    if (session === undefined) return undefined;
    const user = await queries.user(session.tenantId, session.userId);
    return user !== undefined && isOpen(session, user.sessionsFromMs, nowMs()) ? { session, user } : undefined;
  }

  const named = async (tenantId: string, name: SessionName): Promise<Session | undefined> => {
    const session = 'id' in name ? await queries.session(name.id) : await sessionOf(name.token);
    return session?.tenantId === tenantId ? session : undefined;
  };

  function shownOnce<Refused extends { readonly kind: string }>(
    { outcome, replayed }: Answer<SessionOutcome | Refused>,
    token: string,
  ) {
    if (!('session' in outcome)) return outcome;
    return replayed ? ({ kind: 'already-done', id: outcome.session.id } satisfies AlreadyDone) : { ...outcome, token };
  }

  return {
    /**
     * Opens a session for who knows login and password: half-open when the user has an active factor. Whoever is
     * refused learns nothing of why.
     * @throws Unavailable when too many passwords are being looked at
     */
    async login(
      { tenantId, face }: { readonly tenantId: string; readonly face: string },
      { login, password }: { readonly login: string; readonly password: string },
    ): Promise<
      (Extract<LoginOutcome, { kind: 'opened' }> & { readonly token: string }) | { readonly kind: 'refused' }
    > {
      const address = readLogin(login);
      for (let move = 0; move < movesMax; move++) {
        const user = address === undefined ? undefined : await queries.userByLogin(tenantId, address);
        const isRight = await passwords.isRight(canonicalPassword(password), user?.password);
        const { token, session } = drawn(face);
        // Where there is no such user it is asked all the same, for one that there is not: both take as long.
        const { id: userId, passwordVersion } = user ?? { id: session.id, passwordVersion: 0 };
        const { outcome } = await committer.commit(
          { kind: 'open-session', tenantId, userId, isRight, passwordVersion, session, policy },
          'check',
        );
        if (outcome.kind === 'opened') return { ...outcome, token };
        if (outcome.kind === 'refused') return outcome;
      }
      throw new Unavailable('overloaded');
    },

    /** The session that a text is the token of, half-open or complete, while it is open; noted as used. */
    async ofToken(text: string): Promise<KnownSession | undefined> {
      const found = await known(await sessionOf(text));
      if (found !== undefined) used(found.session);
      return found;
    },

    /** A token that goes on until it ends or is revoked. */
    async createUserToken(asked: Administered, userId: string, request: UserTokenRequest, face = 'native') {
      const { tenantId, by, idempotencyKey } = asked;
      const { token, session } = drawn(face);
      const again = repeat({ tenantId, face: 'people' }, 'create-user-token', idempotencyKey, { userId, request });
      const wanted = { ...session, ...request };
      const answer = await commit<SessionOutcome | TooManyTokens | NotFound>(
        { kind: 'create-user-token', tenantId, by, userId, session: wanted, idempotency: again },
        'change',
      );
      return shownOnce(answer, token);
    },

    /** A complete session for a challenge that was met a short while ago; one for each. */
    async createFromChallenge(asked: Omit<Administered, 'by'>, challengeId: string, face = 'native') {
      const { tenantId, idempotencyKey } = asked;
      const { token, session } = drawn(face);
      const again = repeat({ tenantId, face: 'people' }, 'open-challenge-session', idempotencyKey, { challengeId });
      const answer = await commit<SessionOutcome | ChallengeRefusal | NotFound>(
        { kind: 'open-challenge-session', tenantId, challengeId, session, policy, idempotency: again },
        'change',
      );
      return shownOnce(answer, token);
    },

    /** Open ones of a user, newest first. @param which - logins, or user tokens; both when absent */
    async list(tenantId: string, userId: string, which?: 'logins' | 'user-tokens') {
      const user = await queries.user(tenantId, userId);
      if (user === undefined) return { kind: 'not-found' } as const;
      const kept = await queries.sessions(tenantId, userId, listedMax);
      const open = kept.filter((session) => isOpen(session, user.sessionsFromMs, nowMs()));
      const sessions = open.filter((one) => which === undefined || isUserToken(one) === (which === 'user-tokens'));
      return { kind: 'sessions', sessions } as const;
    },

    /** Whether it works now. A token that is shown counts as used, an id that is looked at does not. */
    async introspect(tenantId: string, name: SessionName): Promise<Introspection> {
      const found = await known(await named(tenantId, name));
      if (found === undefined) return { active: false };
      const { session } = found;
      if (session.state === 'half-open') return { active: false, halfOpen: session };
      if ('token' in name) used(session);
      return { active: true, session };
    },

    /** From now on it is refused. Doing it again changes nothing. */
    async revoke({ tenantId, by }: Omit<Administered, 'idempotencyKey'>, name: SessionName) {
      const session = await named(tenantId, name);
      if (session === undefined) return { kind: 'not-found' } as const;
      return (await committer.commit({ kind: 'revoke-session', tenantId, by, id: session.id }, 'change')).outcome;
    },
  };
}
