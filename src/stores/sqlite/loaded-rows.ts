import type { Loaded, Reads, SendKey } from '../../engine/command.ts';

type OfTenant<Name extends keyof Loaded> = {
  readonly [Row in Name]: (tenantId: string, ...key: Parameters<Loaded[Row]>) => ReturnType<Loaded[Row]>;
};
type OfWebhooks = 'endpoints' | 'deliveries' | 'event';
type OfPeople = 'user' | 'factors' | 'userByReference' | 'userByLogin' | 'challenge' | 'session' | 'sessionsOf';

/** Every row that a command can ask for, by its tenant and key. */
export interface Rows extends OfTenant<Exclude<keyof Loaded, OfWebhooks | OfPeople | 'asked' | 'askedPerson'>> {
  readonly webhooks: OfTenant<OfWebhooks>;
  readonly people: OfTenant<OfPeople>;
}

/** What one command asked for. Asking for more is a mistake that another store would pay for, so that it throws here. */
export class LoadedRows implements Loaded {
  readonly #rows: Rows;
  readonly #tenantId: string;
  readonly #reads: Reads;

  constructor(rows: Rows, tenantId: string, reads: Reads) {
    this.#rows = rows;
    this.#tenantId = tenantId;
    this.#reads = reads;
  }

  asked(verificationId: string): boolean {
    return this.#reads.verifications?.includes(verificationId) ?? false;
  }

  recipient(recipient: string) {
    assertAsked(this.#reads.recipients?.includes(recipient));
    return this.#rows.recipient(this.#tenantId, recipient);
  }

  address(address: string) {
    assertAsked(this.#reads.addresses?.includes(address));
    return this.#rows.address(this.#tenantId, address);
  }

  verification(id: string) {
    assertAsked(this.#reads.verifications?.includes(id));
    return this.#rows.verification(this.#tenantId, id);
  }

  send(key: SendKey) {
    const { verificationId, number } = key;
    assertAsked(this.#reads.sends?.some((asked) => asked.verificationId === verificationId && asked.number === number));
    return this.#rows.send(this.#tenantId, key);
  }

  idempotency(key: string) {
    assertAsked(this.#reads.idempotency?.includes(key));
    return this.#rows.idempotency(this.#tenantId, key);
  }

  service(name: string) {
    assertAsked(this.#reads.services?.includes(name));
    return this.#rows.service(this.#tenantId, name);
  }

  apiKey(keyId: string) {
    assertAsked(this.#reads.apiKeys?.includes(keyId));
    return this.#rows.apiKey(this.#tenantId, keyId);
  }

  tenant() {
    assertAsked(this.#reads.tenant);
    return this.#rows.tenant(this.#tenantId);
  }

  usage() {
    assertAsked(this.#reads.usage);
    return this.#rows.usage(this.#tenantId);
  }

  auditHead() {
    assertAsked(this.#reads.auditHead);
    return this.#rows.auditHead(this.#tenantId);
  }

  endpoints() {
    return this.#rows.webhooks.endpoints(this.#tenantId);
  }

  deliveries(verificationId: string) {
    return this.#rows.webhooks.deliveries(this.#tenantId, verificationId);
  }

  event(verificationId: string, number: number) {
    return this.#rows.webhooks.event(this.#tenantId, verificationId, number);
  }

  tagged(tag: string) {
    assertAsked(this.#reads.codeTags?.includes(tag));
    return this.#rows.tagged(this.#tenantId, tag);
  }

  codeGuesses() {
    assertAsked(this.#reads.codeGuesses);
    return this.#rows.codeGuesses(this.#tenantId);
  }

  askedPerson(rows: 'users' | 'sessions' | 'sessionsOf', id: string): boolean {
    return this.#reads.people?.[rows]?.includes(id) ?? false;
  }

  user(id: string) {
    assertAsked(this.#reads.people?.users?.includes(id));
    return this.#rows.people.user(this.#tenantId, id);
  }

  factors(userId: string) {
    assertAsked(this.#reads.people?.users?.includes(userId));
    return this.#rows.people.factors(this.#tenantId, userId);
  }

  userByReference(reference: string) {
    assertAsked(this.#reads.people?.references?.includes(reference));
    return this.#rows.people.userByReference(this.#tenantId, reference);
  }

  userByLogin(login: string) {
    assertAsked(this.#reads.people?.logins?.includes(login));
    return this.#rows.people.userByLogin(this.#tenantId, login);
  }

  challenge(id: string) {
    assertAsked(this.#reads.people?.challenges?.includes(id));
    return this.#rows.people.challenge(this.#tenantId, id);
  }

  session(id: string) {
    assertAsked(this.#reads.people?.sessions?.includes(id));
    return this.#rows.people.session(this.#tenantId, id);
  }

  sessionsOf(userId: string) {
    assertAsked(this.#reads.people?.sessionsOf?.includes(userId));
    return this.#rows.people.sessionsOf(this.#tenantId, userId);
  }
}

function assertAsked(asked: boolean | undefined): void {
  if (asked !== true) throw new Error('a decider looks at a row that it did not ask for');
}
