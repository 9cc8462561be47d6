import type { Static } from 'typebox';
import { applicationIdOf, pairOf } from '../../domain/api-key.ts';
import { countriesProblem } from '../../domain/country.ts';
import { amountOf } from '../../domain/price.ts';
import type { AuditPage, TenantView } from '../../engine/administration.ts';
import type { Actor, AuditEntry } from '../../engine/audit.ts';
import type { TrailReport } from '../../engine/audit-trails.ts';
import type { ApiKey, Service } from '../../engine/tenancy.ts';
import { isNetwork } from '../../http/client-address.ts';
import { EdgeRefusal } from '../../http/edge-error.ts';
import { iso, isoOrNull } from '../../http/times.ts';
import type {
  apiKeyReply,
  auditReply,
  auditVerificationReply,
  serviceChanges,
  serviceReply,
  tenantReply,
} from './wire.ts';

/* Our words to those of the wire, and back. */

export function tenantBodyOf({
  id,
  name,
  dailySendsMax,
  sendsToday,
  prepaid = false,
  balanceMicros,
  currency,
  createdAtMs,
}: TenantView): Static<typeof tenantReply> {
  const balance = amountOf(balanceMicros);
  return { id, name, dailySendsMax, sendsToday, prepaid, balance, currency, createdAt: iso(createdAtMs) };
}

export function serviceBodyOf(service: Service): Static<typeof serviceReply> {
  const { name, brand, sender, weakCodes, testNumbers, options } = service;
  const { attemptsMax, ...policy } = service.codePolicy;
  return {
    name,
    brand,
    sender,
    channels: [...service.channels],
    countries: [...service.countries],
    codePolicy: { ...policy, maxAttempts: attemptsMax },
    weakCodes,
    senders: [...(options?.senders ?? [])],
    whilePending: options?.whilePending ?? 'resume',
    retryChannels: [...(options?.retryChannels ?? [])],
    callbackUrl: options?.callbackUrl ?? null,
    testNumbers: testNumbers.map(({ recipient, validUntilMs }) => ({ recipient, validUntil: isoOrNull(validUntilMs) })),
  };
}

/** @throws EdgeRefusal when a country is none, or an address none that could be called */
export function toServiceChanges(body: Static<typeof serviceChanges>) {
  const { codePolicy, senders, whilePending, retryChannels, callbackUrl, ...rest } = body;
  const remedy = rest.countries === undefined ? undefined : countriesProblem(rest.countries);
  if (remedy !== undefined) throw new EdgeRefusal({ kind: 'invalid', field: 'countries', remedy });
  if (typeof callbackUrl === 'string' && !isCallable(callbackUrl)) {
    throw new EdgeRefusal({ kind: 'invalid', field: 'callbackUrl', remedy: callbackRemedy });
  }
  const options = present({ senders, whilePending, retryChannels, callbackUrl });
  const optional = Object.keys(options).length === 0 ? {} : { options };
  if (codePolicy === undefined) return { ...rest, ...optional };
  const { maxAttempts, ...policy } = codePolicy;
  const attempts = maxAttempts === undefined ? {} : { attemptsMax: maxAttempts };
  return { ...rest, ...optional, codePolicy: { ...policy, ...attempts } };
}

/** Only what was named. */
function present<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as typeof fields;
}

const callbackRemedy = 'must be an address such as https://your-company.com/callbacks, at most 2048 characters long';

/** Only how it is written: whether it may be called is looked at before each call. */
function isCallable(text: string): boolean {
  if (text.length > 2048 || !/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

export function apiKeyBodyOf(key: ApiKey): Static<typeof apiKeyReply> {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    sources: [...key.sources],
    createdAt: iso(key.createdAtMs),
    expiresAt: isoOrNull(key.expiresAtMs),
    revokedAt: isoOrNull(key.revokedAtMs),
    lastUsedAt: isoOrNull(key.lastUsedAtMs),
  };
}

/** What is shown once, when a key is made. */
export function secretsOf(id: string, key: string) {
  return { key, secret: pairOf(key).secret, applicationId: applicationIdOf(id) };
}

/** @throws EdgeRefusal when a source is no address and no range */
export function checkedSources(sources: readonly string[] | undefined): readonly string[] | undefined {
  const wrong = sources?.findIndex((source) => !isNetwork(source)) ?? -1;
  if (wrong === -1) return sources;
  const remedy = 'must be an IP address or a range such as 192.0.2.0/24';
  throw new EdgeRefusal({ kind: 'invalid', field: `sources/${wrong}`, remedy });
}

export function auditBodyOf({ entries, next }: AuditPage): Static<typeof auditReply> {
  return { entries: entries.map(entryBodyOf), next: next ?? null };
}

function entryBodyOf(entry: AuditEntry): Static<typeof auditReply>['entries'][number] {
  const { number, atMs, actor, action, target, before, after, address, requestId, previousHash, hash } = entry;
  return {
    number,
    at: iso(atMs),
    actor,
    action,
    target,
    before: JSON.parse(before),
    after: JSON.parse(after),
    address: address ?? null,
    requestId: requestId ?? null,
    previousHash,
    hash,
  };
}

export function trailsBodyOf(reports: readonly TrailReport[]): Static<typeof auditVerificationReply> {
  const trails = reports.map(({ tenantId, entries, head, problem }) => ({
    tenantId,
    entries,
    head: { ...head },
    problem: problem === undefined ? null : { ...problem },
  }));
  return { ok: trails.every(({ problem }) => problem === null), trails };
}

/** A key as the actor of a change. */
export function actorOf({ id }: Pick<ApiKey, 'id'>, address: string | undefined, requestId: string): Actor {
  return { name: `api-key ${id}`, address, requestId };
}
