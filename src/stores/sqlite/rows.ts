import type { Channel } from '../../domain/channel.ts';
import type { CodeForm } from '../../domain/code.ts';
import type { AddressState, RecipientState } from '../../domain/recipient-state.ts';
import type { Send, SendStatus } from '../../domain/send.ts';
import type { StoredStatus, Verification } from '../../domain/verification.ts';
import type { IdempotentAnswer } from '../../engine/idempotency.ts';
import { idFromBytes, idToBytes } from './ids.ts';

/*
 * Between rows and values. Rows come and go as arrays in the order of the column lists below, because reading by
 * position is several times cheaper than by name.
 */

export type Cell = string | number | Buffer | null;
export type Row = readonly Cell[];

export const text = (cell: Cell | undefined) => cell as string;
export const number = (cell: Cell | undefined) => cell as number;
export const id = (cell: Cell | undefined) => idFromBytes(cell as Buffer);
const idOrNone = (cell: Cell | undefined) => (cell ? idFromBytes(cell as Buffer) : undefined);
const optionalId = (value: string | undefined) => (value === undefined ? null : idToBytes(value));
export const optionalText = (cell: Cell | undefined) => (cell ?? undefined) as string | undefined;
export const optionalNumber = (cell: Cell | undefined) => (cell ?? undefined) as number | undefined;

/** Times in base 36, so that a list of them stays short. */
const packTimes = (times: readonly number[]) => times.map((time) => time.toString(36)).join(' ');
const unpackTimes = (packed: string) =>
  packed === '' ? [] : packed.split(' ').map((time) => Number.parseInt(time, 36));

/** Columns that never change once written, then those that do. */
export const verificationColumns = {
  fixed: [
    'tenant_id',
    'id',
    'service',
    'face',
    'recipient',
    'country',
    'reference',
    'locale',
    'sender',
    'template',
    'metadata',
    'signals',
    'created_at',
    'expires_at',
    'attempts_max',
    'code_alphabet',
    'code_length',
    'previous_id',
    'test',
    'terms',
  ],
  changing: [
    'channel',
    'status',
    'ended_at',
    'attempts_used',
    'sends_used',
    'next_send_at',
    'code_generation',
    'code_key_id',
    'code_salt',
    'code_sealed',
    'timeline',
  ],
} as const;

export function verificationFixed(tenant: Buffer, verification: Verification): Cell[] {
  return [
    tenant,
    idToBytes(verification.id),
    verification.service,
    verification.face,
    verification.recipient,
    verification.country ?? null,
    verification.reference ?? null,
    verification.locale ?? null,
    verification.sender ?? null,
    verification.template ?? null,
    verification.metadata ?? null,
    verification.signals ?? null,
    verification.createdAtMs,
    verification.expiresAtMs,
    verification.attemptsMax,
    verification.code.alphabet,
    verification.code.length,
    optionalId(verification.previousId),
    verification.test ? 1 : 0,
    verification.terms === undefined ? null : JSON.stringify(verification.terms),
  ];
}

export function verificationChanging(verification: Verification): Cell[] {
  const { code } = verification;
  return [
    verification.channel,
    verification.status,
    verification.endedAtMs ?? null,
    verification.attemptsUsed,
    verification.sendsUsed,
    verification.nextSendAtMs,
    code.generation,
    code.keyId,
    code.salt ?? null,
    code.sealed ?? null,
    verification.timeline,
  ];
}

export function toVerification(row: Row): Verification {
  return {
    tenantId: id(row[0]),
    id: id(row[1]),
    service: text(row[2]),
    face: text(row[3]),
    recipient: text(row[4]),
    country: optionalText(row[5]),
    reference: optionalText(row[6]),
    locale: optionalText(row[7]),
    sender: optionalText(row[8]),
    template: optionalText(row[9]),
    metadata: optionalText(row[10]),
    signals: optionalText(row[11]),
    createdAtMs: number(row[12]),
    expiresAtMs: number(row[13]),
    attemptsMax: number(row[14]),
    previousId: idOrNone(row[17]),
    test: row[18] === 1 ? true : undefined,
    terms: row[19] === null ? undefined : JSON.parse(text(row[19])),
    channel: row[20] as Channel,
    status: row[21] as StoredStatus,
    endedAtMs: optionalNumber(row[22]),
    attemptsUsed: number(row[23]),
    sendsUsed: number(row[24]),
    nextSendAtMs: number(row[25]),
    code: {
      alphabet: row[15] as CodeForm,
      length: number(row[16]),
      generation: number(row[26]),
      keyId: text(row[27]),
      salt: optionalText(row[28]),
      sealed: optionalText(row[29]),
    },
    timeline: text(row[30]),
  };
}

export const sendColumns = {
  fixed: ['tenant_id', 'verification_id', 'number', 'channel', 'created_at', 'taken'],
  changing: [
    'providers',
    'status',
    'tries',
    'provider_tries',
    'try_open',
    'epoch',
    'due_at',
    'ended_at',
    'provider_message_id',
    'reason',
    'uncertain',
    'possible_duplicate',
  ],
} as const;

export function sendFixed(tenant: Buffer, send: Send): Cell[] {
  return [
    tenant,
    idToBytes(send.verificationId),
    send.number,
    send.channel,
    send.createdAtMs,
    send.takenMicros ?? null,
  ];
}

export function sendChanging(send: Send): Cell[] {
  return [
    send.providers.join(','),
    send.status,
    send.tries,
    send.providerTries,
    send.tryOpen ? 1 : 0,
    send.epoch ?? null,
    send.dueAtMs,
    send.endedAtMs ?? null,
    send.providerMessageId ?? null,
    send.reason ?? null,
    send.uncertain ? 1 : 0,
    send.possibleDuplicate ? 1 : 0,
  ];
}

export function toSend(row: Row): Send {
  return {
    tenantId: id(row[0]),
    verificationId: id(row[1]),
    number: number(row[2]),
    channel: row[3] as Channel,
    createdAtMs: number(row[4]),
    takenMicros: optionalNumber(row[5]),
    providers: text(row[6]).split(','),
    status: row[7] as SendStatus,
    tries: number(row[8]),
    providerTries: number(row[9]),
    tryOpen: row[10] === 1,
    epoch: optionalText(row[11]),
    dueAtMs: number(row[12]),
    endedAtMs: optionalNumber(row[13]),
    providerMessageId: optionalText(row[14]),
    reason: optionalText(row[15]),
    uncertain: row[16] === 1,
    possibleDuplicate: row[17] === 1,
  };
}

export const recipientColumns = {
  fixed: ['tenant_id', 'recipient'],
  changing: ['send_times', 'failures', 'wait_until', 'latest', 'newest_id', 'updated_at', 'remarks'],
} as const;

export function recipientCells(tenant: Buffer, state: RecipientState): Cell[] {
  return [
    tenant,
    state.recipient,
    packTimes(state.sendTimes),
    state.failures.count,
    state.failures.waitUntilMs,
    JSON.stringify(state.latest),
    optionalId(state.newestId),
    state.updatedAtMs,
    state.remarks === undefined ? null : JSON.stringify(state.remarks),
  ];
}

export function toRecipient(tenantId: string, row: Row): RecipientState {
  return {
    tenantId,
    recipient: text(row[1]),
    sendTimes: unpackTimes(text(row[2])),
    failures: { count: number(row[3]), waitUntilMs: number(row[4]) },
    latest: JSON.parse(text(row[5])),
    newestId: idOrNone(row[6]),
    updatedAtMs: number(row[7]),
    remarks: row[8] === null ? undefined : JSON.parse(text(row[8])),
  };
}

export const addressColumns = { fixed: ['tenant_id', 'address'], changing: ['create_times', 'updated_at'] } as const;

export function addressCells(tenant: Buffer, state: AddressState): Cell[] {
  return [tenant, state.address, packTimes(state.createTimes), state.updatedAtMs];
}

export function toAddress(tenantId: string, row: Row): AddressState {
  return { tenantId, address: text(row[1]), createTimes: unpackTimes(text(row[2])), updatedAtMs: number(row[3]) };
}

export const idempotencyColumns = ['tenant_id', 'key', 'fingerprint', 'outcome', 'created_at', 'key_id'] as const;

export function idempotencyCells(tenant: Buffer, answer: IdempotentAnswer): Cell[] {
  return [tenant, answer.key, answer.fingerprint, JSON.stringify(answer.outcome), answer.createdAtMs, answer.keyId];
}

export function toIdempotency(tenantId: string, row: Row): IdempotentAnswer {
  const outcome: unknown = JSON.parse(text(row[3]));
  return {
    tenantId,
    key: text(row[1]),
    fingerprint: text(row[2]),
    outcome,
    createdAtMs: number(row[4]),
    keyId: text(row[5]),
  };
}
