import { canonicalPassword, passwordProblem } from '../domain/password.ts';
import type { FieldProblem } from '../domain/policy.ts';
import { isProblem } from '../domain/recipient.ts';
import type { User } from '../domain/user.ts';
import type { Administered } from './administration.ts';
import {
  type NewUser,
  type NumberInUse,
  type ShownUser,
  shownUser,
  type UserOutcome,
  type UserTaken,
} from './commands/change-user.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { ProvisionOutcome } from './commands/provision-tenant.ts';
import { type Answer, committing, repeating } from './committing.ts';
import type { Invalid } from './create-request.ts';
import type { EngineOptions } from './engine.ts';
import type { Passwords } from './passwords.ts';
import { uuidv7 } from './random.ts';
import { recipientReader } from './recipient-reader.ts';
import { Unavailable } from './unavailable.ts';

export interface UserRequest {
  /** The tenant's own name for the user. */
  readonly reference?: string | undefined;
  /** In any spelling with the calling code. */
  readonly phoneNumber?: string | undefined;
  readonly email?: string | undefined;
  /** As typed. With one the user logs in with the e-mail address. */
  readonly password?: string | undefined;
  /** What a face keeps: JSON text. */
  readonly profile?: string | undefined;
}

/** null takes away; what is not named stays. */
export type UserChanges = { readonly [Name in keyof UserRequest]?: UserRequest[Name] | null };

export interface UserListRequest {
  /** One of these at most. */
  readonly reference?: string | undefined;
  readonly phoneNumber?: string | undefined;
  readonly email?: string | undefined;
  /** Only those older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface UserPage {
  readonly kind: 'page';
  /** Newest first. */
  readonly users: readonly ShownUser[];
  readonly nextBefore?: string | undefined;
}

export type ChangeUserAnswer = UserOutcome | UserTaken | NumberInUse | NotFound | Invalid;

/** A user of development mode. @see ProvisionUser */
export interface DevelopmentUser {
  readonly id: string;
  readonly email: string;
  readonly phoneNumber: string;
  readonly password: string;
  /** `hash`: SHA-256 of the whole token, in hexadecimal. */
  readonly token: { readonly id: string; readonly hash: string; readonly face: string; readonly description: string };
}

/** What can be asked about the users of a tenant. */
export type Users = ReturnType<typeof createUsers>;

const pageMax = 100;
/** How often a change is looked at anew because the user changed meanwhile. */
export const movesMax = 3;

const emailRemedy = 'is what the user logs in with; take the password away first';
const loginRemedy = 'needs an e-mail address, with which the user logs in';

export function createUsers(options: EngineOptions & { readonly passwords: Passwords }) {
  const { store, committer, directory, random, keys, fictitious, passwords } = options;
  const { queries } = store;
  const commit = committing(options);
  const repeat = repeating(keys);
  const recipientMeant = recipientReader({ directory, queries, fictitious });

  /** The canonical form of a field, what is not named left alone. */
  async function read(
    tenantId: string,
    kind: 'phone' | 'email',
    text: string | null | undefined,
  ): Promise<{ readonly value: string | null | undefined } | FieldProblem> {
    if (text === undefined || text === null) return { value: text };
    const parsed = await recipientMeant(tenantId, { recipient: text });
    if (!isProblem(parsed) && parsed.kind === kind) return { value: parsed.value };
    return kind === 'phone'
      ? { field: 'phoneNumber', remedy: 'must be a phone number in use, with + and its calling code' }
      : { field: 'email', remedy: 'must be one plain e-mail address, such as ada@example.com' };
  }

  async function canonical(tenantId: string, { phoneNumber, email, ...rest }: UserChanges) {
    const number = await read(tenantId, 'phone', phoneNumber);
    if ('remedy' in number) return { kind: 'invalid', ...number } as const;
    const address = await read(tenantId, 'email', email);
    if ('remedy' in address) return { kind: 'invalid', ...address } as const;
    return { kind: 'canonical', said: { ...rest, phoneNumber: number.value, email: address.value } } as const;
  }

  /** @returns what is kept of a password, or why it cannot be this user's */
  async function kept(typed: string | null | undefined, email: string | undefined) {
    if (typed === undefined || typed === null) return typed;
    if (email === undefined) return { kind: 'invalid', field: 'password', remedy: loginRemedy } as const;
    const password = canonicalPassword(typed);
    const problem = passwordProblem(password, email);
    return problem === undefined ? passwords.hash(password) : ({ kind: 'invalid', ...problem } as const);
  }

  return {
    async create(
      asked: Administered,
      request: UserRequest,
    ): Promise<Answer<UserOutcome | UserTaken | NotFound | Invalid>> {
      const { tenantId, by } = asked;
      const read = await canonical(tenantId, request);
      if (read.kind === 'invalid') return refused(read);
      const { said } = read;
      const password = await kept(said.password, said.email ?? undefined);
      if (typeof password === 'object' && password !== null) return refused(password);
      const user = { tenantId, id: uuidv7(store.clock().nowMs, random), ...present({ ...said, password }) };
      const idempotency = repeat({ tenantId, face: 'people' }, 'create-user', asked.idempotencyKey, request);
      return commit({ kind: 'create-user', tenantId, by, user, idempotency }, 'change');
    },

    /** Whole, with what is secret: for the engine and faces, never for an answer. */
    find: (tenantId: string, id: string): Promise<User | undefined> => queries.user(tenantId, id),

    async get(tenantId: string, id: string): Promise<UserOutcome | NotFound> {
      const user = await queries.user(tenantId, id);
      return user === undefined ? { kind: 'not-found' } : { kind: 'user', user: shownUser(user) };
    },

    async list(tenantId: string, request: UserListRequest): Promise<UserPage | Invalid> {
      const { reference, before } = request;
      const filters = Object.entries({ reference, phoneNumber: request.phoneNumber, email: request.email });
      const [, second] = filters.filter(([, value]) => value !== undefined);
      if (second !== undefined) return { kind: 'invalid', field: second[0], remedy: 'cannot come with another filter' };
      if (reference !== undefined) {
        const user = await queries.userByReference(tenantId, reference);
        const isOnPage = user !== undefined && (before === undefined || user.id < before);
        return { kind: 'page', users: isOnPage ? [shownUser(user)] : [] };
      }
      const read = await canonical(tenantId, { phoneNumber: request.phoneNumber, email: request.email });
      if (read.kind === 'invalid') return read;
      const { phoneNumber, email } = present(read.said);
      const limit = Math.min(request.limit, pageMax);
      const found = await queries.users({ tenantId, phoneNumber, email, before, limit: limit + 1 });
      const users = found.slice(0, limit).map(shownUser);
      return { kind: 'page', users, nextBefore: found.length > limit ? users.at(-1)?.id : undefined };
    },

    /** Another password ends every login of the user; user tokens go on. */
    async change(
      { tenantId, by }: Omit<Administered, 'idempotencyKey'>,
      id: string,
      changes: UserChanges,
    ): Promise<ChangeUserAnswer> {
      const read = await canonical(tenantId, changes);
      if (read.kind === 'invalid') return read;
      const { said } = read;
      let password: string | null | undefined;
      let keptFor: string | undefined;
      for (let move = 0; move < movesMax; move++) {
        const current = await queries.user(tenantId, id);
        if (current === undefined) return { kind: 'not-found' } as const;
        const email = said.email === undefined ? current.email : (said.email ?? undefined);
        if (email === undefined && said.password === undefined && current.password !== undefined) {
          return { kind: 'invalid', field: 'email', remedy: emailRemedy } as const;
        }
        if (move === 0 || keptFor !== email) {
          const now = await kept(said.password, email);
          if (typeof now === 'object' && now !== null) return now;
          [password, keptFor] = [now, email];
        }
        const stored = { ...said, password };
        const { outcome } = await committer.commit(
          { kind: 'change-user', tenantId, by, id, changes: stored, emailSeen: current.email },
          'change',
        );
        if (outcome.kind !== 'moved') return outcome;
      }
      throw new Unavailable('overloaded');
    },

    /** With all that is the user's. */
    async remove({ tenantId, by }: Omit<Administered, 'idempotencyKey'>, id: string) {
      return (await committer.commit({ kind: 'delete-user', tenantId, by, id }, 'change')).outcome;
    },

    /** The same user after each start. */
    async provision(tenantId: string, { token, password, ...rest }: DevelopmentUser): Promise<ProvisionOutcome> {
      if ((await queries.user(tenantId, rest.id)) !== undefined) return { kind: 'exists' };
      const user: NewUser = { tenantId, ...rest, password: await passwords.hash(canonicalPassword(password)) };
      return (await committer.commit({ kind: 'provision-user', tenantId, user, token }, 'change')).outcome;
    },
  };
}

const refused = <Refused extends Invalid>(outcome: Refused) => ({ outcome, replayed: false });

/** Only what there is. */
function present<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined | null> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined | null> };
}
