import { makeApiKey, readApiKey } from '../domain/api-key.ts';
import { canonicalCode } from '../domain/code.ts';
import { keyOf } from '../domain/keys.ts';
import type { FieldProblem } from '../domain/policy.ts';
import { microsOf, noPrices, type PriceTable } from '../domain/price.ts';
import { isProblem, parseRecipient } from '../domain/recipient.ts';
import { defaultScopes, type Scope } from '../domain/scope.ts';
import { belongsToNobody, sealTestCode } from '../domain/test-number.ts';
import type { Actor, AuditEntry } from './audit.ts';
import { type TrailReport, verifyTrails } from './audit-trails.ts';
import type { Change } from './audited.ts';
import type { ApiKeyOutcome, ChangeApiKey, KeyEnded } from './commands/change-api-key.ts';
import type { BalanceOutcome, BalanceRefusal } from './commands/change-balance.ts';
import type { ChangeService, ServiceOutcome, ServiceRefusal } from './commands/change-service.ts';
import type { ChangeTenant, TenantOutcome } from './commands/change-tenant.ts';
import type { NotFound } from './commands/check-verification.ts';
import type { Committer } from './committer.ts';
import type { Command } from './deciders.ts';
import type { Directory } from './directory.ts';
import { type IdempotencyMismatch, idempotencyOf, type Replayed } from './idempotency.ts';
import type { KeySource } from './key-source.ts';
import { brandOf, newService, type ServiceRequest } from './new-service.ts';
import { type Random, uuidv7 } from './random.ts';
import type { Store } from './store.ts';
import { type ApiKey, defaultService, type Service, serverTenantId, type Tenant } from './tenancy.ts';
import type { WebhookAdministration } from './webhook-administration.ts';

export interface AdministrationOptions {
  readonly store: Store;
  readonly committer: Committer;
  readonly directory: Directory;
  readonly keys: KeySource;
  readonly random: Random;
  /** Names the environment in new API keys, and loosens what only development mode may do. */
  readonly development: boolean;
  /** Whose currency balances are in. */
  readonly prices?: PriceTable | undefined;
  /** Has this process do at once what the stop switch says. */
  readonly obeySwitch: () => Promise<void>;
  readonly webhooks: WebhookAdministration;
}

/** Who changes what of which tenant; the key names a request that may come twice. */
export interface Administered {
  readonly tenantId: string;
  readonly by: Actor;
  readonly idempotencyKey?: string | undefined;
}

export interface TenantView extends Tenant {
  readonly sendsToday: number;
  /** What it has left of what it paid, whether or not it pays beforehand now. */
  readonly balanceMicros: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface ApiKeyRequest {
  readonly name: string;
  readonly scopes?: readonly Scope[] | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly expiresAtMs?: number | undefined;
}

/** A new key, shown this once. */
export type NewApiKey = ApiKeyOutcome & { readonly key: string };
/** A secret that was shown once is not shown again. */
export type AlreadyDone = { readonly kind: 'already-done'; readonly id: string };
export type Invalid = { readonly kind: 'invalid' } & FieldProblem;
export type Exists = { readonly kind: 'exists' };

/** Everything that is managed, by the administration API and the command line alike. Each change is audited. */
export type Administration = ReturnType<typeof createAdministration>;

const dayMs = 86_400_000;
const pageMax = 100;

export function createAdministration(options: AdministrationOptions) {
  const { store, committer, directory, keys, random, development } = options;
  const { currency } = options.prices ?? noPrices;
  const { queries } = store;

  async function change<Outcome>(command: Command): Promise<Outcome> {
    const { outcome } = await committer.commit(command, 'change');
    directory.forget();
    return outcome as Outcome;
  }

  const viewOf = async (tenant: Tenant): Promise<TenantView> => {
    const usage = await queries.usage(tenant.id);
    const today = Math.floor(store.clock().nowMs / dayMs);
    const sendsToday = usage?.day === today ? usage.sends : 0;
    return { ...tenant, sendsToday, balanceMicros: usage?.balanceMicros ?? 0, currency };
  };

  const repeated = ({ tenantId, idempotencyKey }: Administered, operation: string, request: unknown) =>
    idempotencyKey === undefined
      ? undefined
      : idempotencyOf(keys.current(), { tenantId, face: 'administration' }, operation, idempotencyKey, request);

  /** @returns the key in clear, and what is kept of it */
  function drawKey() {
    const key = makeApiKey(development ? 'dev' : 'live', random.hex(8), random.hex(32));
    const read = readApiKey(key);
    if (read === undefined) throw new Error('a new API key cannot be read');
    return { key, id: read.id, hash: read.hash.toString('hex') };
  }

  type KeyAnswer = ApiKeyOutcome | NotFound | KeyEnded;

  function shownOnce(answer: KeyAnswer | IdempotencyMismatch | Replayed<KeyAnswer>, key: string) {
    if (answer.kind !== 'replayed') return answer.kind === 'api-key' ? { ...answer, key } : answer;
    const { outcome } = answer;
    return outcome.kind === 'api-key' ? ({ kind: 'already-done', id: outcome.apiKey.id } as const) : outcome;
  }

  return {
    /** Where tenants want to hear of changes. */
    webhooks: options.webhooks,

    async tenants(): Promise<readonly TenantView[]> {
      return Promise.all((await queries.tenants()).map(viewOf));
    },

    async tenant(id: string): Promise<TenantView | undefined> {
      const found = await queries.tenant(id);
      return found && viewOf(found);
    },

    hasTenant: async (id: string): Promise<boolean> => (await queries.tenant(id)) !== undefined,

    /** With a service `default` that lists no country yet. */
    async createTenant(by: Actor, request: Pick<Tenant, 'name'> & Partial<Pick<Tenant, 'dailySendsMax' | 'prepaid'>>) {
      const id = uuidv7(store.clock().nowMs, random);
      const { name, dailySendsMax = 0, prepaid } = request;
      const tenant = { id, name, dailySendsMax, ...(prepaid ? { prepaid } : {}) };
      const service = newService(id, { name: defaultService, brand: brandOf(name) });
      const answer = await change<TenantOutcome | Exists>({ kind: 'create-tenant', tenantId: id, by, tenant, service });
      return answer.kind === 'tenant' ? { ...answer, tenant: await viewOf(answer.tenant) } : answer;
    },

    async changeTenant({ tenantId, by }: Administered, changes: ChangeTenant['changes']) {
      const answer = await change<TenantOutcome | NotFound>({ kind: 'change-tenant', tenantId, by, changes });
      return answer.kind === 'tenant' ? { ...answer, tenant: await viewOf(answer.tenant) } : answer;
    },

    /** @param amount - in the currency of prices, with at most six decimals; negative to take it back */
    async changeBalance(asked: Administered, amount: number) {
      const { tenantId, by } = asked;
      const amountMicros = microsOf(amount);
      if (amountMicros === undefined || amountMicros === 0) return invalid('amount', amountRemedy);
      const idempotency = repeated(asked, 'change-balance', { amount });
      const command = { kind: 'change-balance', tenantId, by, amountMicros, idempotency } as const;
      const answer = await change<
        BalanceOutcome | BalanceRefusal | IdempotencyMismatch | Replayed<BalanceOutcome | BalanceRefusal>
      >(command);
      const replayed = answer.kind === 'replayed';
      const outcome = replayed ? answer.outcome : answer;
      if (outcome.kind !== 'balance') return outcome;
      const tenant = await queries.tenant(tenantId);
      if (tenant === undefined) return { kind: 'not-found' } as const;
      return { kind: 'tenant', tenant: await viewOf(tenant), replayed } as const;
    },

    services: (tenantId: string): Promise<readonly Service[]> => queries.services(tenantId),
    service: (tenantId: string, name: string): Promise<Service | undefined> => queries.service(tenantId, name),

    async createService(asked: Administered, request: ServiceRequest) {
      const { tenantId, by } = asked;
      const tenant = await queries.tenant(tenantId);
      if (tenant === undefined) return { kind: 'not-found' } as const;
      const service = newService(tenantId, { brand: brandOf(tenant.name), ...request });
      const idempotency = repeated(asked, 'create-service', request);
      const answer = await change<
        ServiceOutcome | ServiceRefusal | Exists | IdempotencyMismatch | Replayed<ServiceOutcome>
      >({ kind: 'create-service', tenantId, by, service, idempotency });
      return answer.kind === 'replayed' ? { ...answer.outcome, replayed: true } : answer;
    },

    changeService: ({ tenantId, by }: Administered, name: string, changes: ChangeService['changes']) =>
      change<ServiceOutcome | ServiceRefusal>({ kind: 'change-service', tenantId, by, name, changes }),

    /** Gives a number that belongs to nobody a code that is always the same. */
    async setTestNumber(
      { tenantId, by }: Administered,
      name: string,
      request: { readonly recipient: string; readonly code: string; readonly validUntilMs?: number | undefined },
    ): Promise<ServiceOutcome | ServiceRefusal> {
      const recipient = parseRecipient(request.recipient, { fictitious: true });
      if (isProblem(recipient)) return { kind: 'invalid', ...recipient };
      if (!belongsToNobody(recipient)) return invalid('recipient', ownedRemedy);
      const code = canonicalCode(request.code);
      if (code === undefined) return invalid('code', 'must be 4 to 10 letters or digits');
      const { validUntilMs } = request;
      if (validUntilMs === undefined && !development)
        return invalid('validUntil', 'must say when the test number ends');
      if (validUntilMs !== undefined && validUntilMs <= store.clock().nowMs) {
        return invalid('validUntil', 'must be in the future');
      }
      const rings = keys.current();
      const keyId = rings.data.activeId;
      const key = keyOf(rings, 'data', keyId);
      const nonce = Buffer.from(random.hex(12), 'hex');
      const sealed = sealTestCode(code, { tenantId, service: name, recipient: recipient.value }, key, nonce);
      const testNumber = { recipient: recipient.value, keyId, sealed, validUntilMs };
      return change({ kind: 'set-test-number', tenantId, by, name, recipient: recipient.value, testNumber });
    },

    async removeTestNumber({ tenantId, by }: Administered, name: string, text: string) {
      const recipient = parseRecipient(text, { fictitious: true });
      if (isProblem(recipient)) return { kind: 'invalid', ...recipient } as const;
      const { value } = recipient;
      return change<ServiceOutcome | ServiceRefusal>({ kind: 'set-test-number', tenantId, by, name, recipient: value });
    },

    apiKeys: (tenantId: string): Promise<readonly ApiKey[]> => queries.apiKeys(tenantId),

    async createApiKey(asked: Administered, request: ApiKeyRequest) {
      const { tenantId, by } = asked;
      const server = tenantId === serverTenantId;
      const scopes: readonly Scope[] = request.scopes ?? (server ? ['operator'] : defaultScopes);
      if (scopes.includes('operator') !== server) return invalid('scopes', operatorRemedy);
      const { name, sources = [], expiresAtMs } = request;
      const { key, id, hash } = drawKey();
      const apiKey = { id, tenantId, hash, name, scopes, sources, expiresAtMs };
      const idempotency = repeated(asked, 'create-api-key', request);
      return shownOnce(await change({ kind: 'create-api-key', tenantId, by, apiKey, idempotency }), key);
    },

    async changeApiKey({ tenantId, by }: Administered, id: string, changes: ChangeApiKey['changes']) {
      const server = tenantId === serverTenantId;
      if (changes.scopes !== undefined && changes.scopes.includes('operator') !== server) {
        return invalid('scopes', operatorRemedy);
      }
      return change<ApiKeyOutcome | NotFound | KeyEnded>({ kind: 'change-api-key', tenantId, by, id, changes });
    },

    async rotateApiKey(asked: Administered, id: string, overlapSeconds: number) {
      const { tenantId, by } = asked;
      const { key, ...replacement } = drawKey();
      const idempotency = repeated(asked, 'rotate-api-key', { id, overlapSeconds });
      return shownOnce(
        await change({ kind: 'rotate-api-key', tenantId, by, id, replacement, overlapSeconds, idempotency }),
        key,
      );
    },

    revokeApiKey: ({ tenantId, by }: Administered, id: string) =>
      change<ApiKeyOutcome | NotFound>({ kind: 'revoke-api-key', tenantId, by, id }),

    /** @param after - number of the last entry of the page before; 0 for the first page */
    async audit(tenantId: string, after: number, limit: number): Promise<AuditPage> {
      const entries = await queries.audit(tenantId, after, Math.min(limit, pageMax) + 1);
      const page = entries.slice(0, limit);
      return { entries: page, next: entries.length > limit ? page.at(-1)?.number : undefined };
    },

    verifyAudit: (): Promise<readonly TrailReport[]> => verifyTrails(queries),

    /** Once it resolves, this process begins no call to a provider while sending is stopped. */
    async setSending(by: Actor, stopped: boolean): Promise<void> {
      await change<{ readonly kind: 'set' }>({ kind: 'set-sending', tenantId: serverTenantId, by, stopped });
      await options.obeySwitch();
    },

    /** Writes down what was done beside the store, in the trail of the server. */
    record: (by: Actor, what: Change) =>
      change<{ readonly kind: 'recorded' }>({ kind: 'record-audit', tenantId: serverTenantId, by, change: what }),
  };
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next?: number | undefined;
}

const ownedRemedy =
  'must belong to nobody: a number kept for fiction, such as +12025550123, or an address below example.com';
const amountRemedy = 'must be other than 0, of at most a thousand million, with at most six decimals';
const operatorRemedy = 'may hold `operator` for keys of the server, and only for those';

function invalid(field: string, remedy: string): Invalid {
  return { kind: 'invalid', field, remedy };
}
