import type { CodeSource } from '../src/domain/code.ts';
import { codeOf } from '../src/domain/code.ts';
import type { KeyRing, KeyRings } from '../src/domain/keys.ts';
import type { Limits } from '../src/domain/limits.ts';
import { defaultCodePolicy } from '../src/domain/policy.ts';
import { tenantScopes } from '../src/domain/scope.ts';
import type { Send } from '../src/domain/send.ts';
import type { Verification } from '../src/domain/verification.ts';
import type { CancelVerification } from '../src/engine/commands/cancel-verification.ts';
import type { CheckVerification } from '../src/engine/commands/check-verification.ts';
import type { CreateVerification, RequestedVerification } from '../src/engine/commands/create-verification.ts';
import type { ProvisionTenant } from '../src/engine/commands/provision-tenant.ts';
import type { ResendVerification } from '../src/engine/commands/resend-verification.ts';
import type { Log } from '../src/engine/log.ts';
import type { Message } from '../src/engine/provider.ts';
import type { Service } from '../src/engine/tenancy.ts';
import { startMs } from './clock.ts';

/* Values and commands that are whole and unremarkable, so that a test names only what it is about. */

const ring = (activeId: string, fill: number): KeyRing => ({
  activeId,
  keys: { [activeId]: new Uint8Array(32).fill(fill) },
});

export const keys: KeyRings = { pepper: ring('p1', 1), data: ring('d1', 2), signing: ring('s1', 3) };

export const tenantId = '0192f000-0000-7000-8000-00000000000a';
export const otherTenantId = '0192f000-0000-7000-8000-00000000000b';

/** Wide enough never to be met. */
export const noLimits: Limits = {
  recipientSends: [{ count: 1_000_000, seconds: 600 }],
  addressCreates: [{ count: 1_000_000, seconds: 600 }],
};

/** Never the code of a verification made here: those have six characters or more. */
export const wrongCode = '0000';

let made = 0;

const madeAt = startMs.toString(16).padStart(12, '0');

/** An id of the moment in which virtual clocks begin, that sorts after all that were made before it. */
export function freshId(): string {
  made += 1;
  return `${madeAt.slice(0, 8)}-${madeAt.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

export function freshNumber(): string {
  made += 1;
  return `+336${String(made).padStart(8, '0')}`;
}

/** What a generated code comes from. */
export function aCode(code: Partial<Verification['code']> = {}): Verification['code'] {
  made += 1;
  const salt = made.toString(16).padStart(32, '0');
  return { generation: 1, keyId: 'p1', alphabet: 'digits', length: 6, salt, ...code };
}

export function aVerification(given: Partial<Verification> = {}): Verification {
  return {
    tenantId,
    id: freshId(),
    service: 'default',
    face: 'native',
    recipient: '+33612345678',
    channel: 'sms',
    status: 'pending',
    createdAtMs: startMs,
    expiresAtMs: startMs + 300_000,
    attemptsUsed: 0,
    attemptsMax: 5,
    sendsUsed: 1,
    nextSendAtMs: startMs + 30_000,
    code: aCode(),
    timeline: '',
    ...given,
  };
}

export function aSend(given: Partial<Send> = {}): Send {
  return {
    tenantId,
    verificationId: freshId(),
    number: 1,
    channel: 'sms',
    providers: ['first', 'second'],
    status: 'queued',
    tries: 1,
    providerTries: 1,
    tryOpen: true,
    epoch: 'e1',
    dueAtMs: startMs,
    createdAtMs: startMs,
    uncertain: false,
    possibleDuplicate: false,
    ...given,
  };
}

export function aService(given: Partial<Service> = {}): Service {
  return {
    tenantId,
    name: 'default',
    brand: 'Acme',
    sender: 'Acme',
    channels: ['sms', 'email', 'voice'],
    codePolicy: defaultCodePolicy,
    countries: ['*'],
    weakCodes: false,
    testNumbers: [],
    ...given,
  };
}

export function aTenant(given: Partial<ProvisionTenant> & { readonly service?: Service } = {}): ProvisionTenant {
  const id = given.tenantId ?? tenantId;
  return {
    kind: 'provision-tenant',
    tenantId: id,
    tenant: { id, name: 'Acme', dailySendsMax: 1_000_000 },
    service: aService({ tenantId: id }),
    apiKey: {
      id: id.slice(-16).replaceAll('-', '0'),
      tenantId: id,
      hash: 'aa'.repeat(32),
      name: 'Acme',
      scopes: tenantScopes,
      sources: [],
    },
    ...given,
  };
}

type GivenCreate = Partial<Omit<CreateVerification, 'requested'>> & {
  readonly requested?: Partial<RequestedVerification>;
};

export function aCreate({ requested, ...given }: GivenCreate = {}): CreateVerification {
  const tenant = given.tenantId ?? tenantId;
  return {
    kind: 'create',
    tenantId: tenant,
    whilePending: 'resume-or-replace',
    providers: ['first'],
    ...given,
    requested: {
      tenantId: tenant,
      id: freshId(),
      service: 'default',
      face: 'native',
      recipient: freshNumber(),
      channel: 'sms',
      ttlSeconds: 300,
      attemptsMax: 5,
      code: aCode(),
      ...requested,
    },
  };
}

/** The code that the person of a create gets to read. */
export function codeSent({ tenantId, requested: { id, code } }: CreateVerification): string {
  return readCode({ tenantId, verificationId: id, ...code });
}

export function readCode(source: CodeSource, rings: KeyRings = keys): string {
  return codeOf(source, rings);
}

export function aCheck(given: Partial<CheckVerification> & { readonly verificationId: string }): CheckVerification {
  return { kind: 'check', tenantId, code: wrongCode, ...given };
}

/** A check with the right code. */
export function aRightCheck(create: CreateVerification): CheckVerification {
  return aCheck({ tenantId: create.tenantId, verificationId: create.requested.id, code: codeSent(create) });
}

export function aResend(given: Partial<ResendVerification> & { readonly verificationId: string }): ResendVerification {
  return { kind: 'resend', tenantId, channel: 'sms', providers: ['first'], ...given };
}

export function aCancel(given: Partial<CancelVerification> & { readonly verificationId: string }): CancelVerification {
  return { kind: 'cancel', tenantId, ...given };
}

/** A message as a provider gets it. */
export function aMessage(given: Partial<Message> = {}): Message {
  const code = given.code ?? '123456';
  return {
    channel: 'sms',
    recipient: '+33612345678',
    sender: 'Acme',
    brand: 'Acme',
    text: `${code} is your Acme verification code. It expires in 5 minutes. Do not share it with anyone.`,
    code,
    expiresAtMs: startMs + 300_000,
    reference: `${freshId()}-1`,
    ...given,
  };
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export interface RecordedLog extends Log {
  /** What was logged, level by level, as text. */
  readonly lines: readonly string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, error: write('error'), warn: write('warn'), info: write('info') };
}
