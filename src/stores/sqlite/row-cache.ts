import type { Usage } from '../../domain/ceiling.ts';
import type { CodeGuesses } from '../../domain/code-guesses.ts';
import type { TaggedVerification } from '../../domain/code-tag.ts';
import type { AddressState, RecipientState } from '../../domain/recipient-state.ts';
import type { Send } from '../../domain/send.ts';
import type { Verification } from '../../domain/verification.ts';
import type { AuditHead } from '../../engine/audit.ts';
import type { Loaded, Reads, SendKey, Writes } from '../../engine/command.ts';
import type { IdempotentAnswer } from '../../engine/idempotency.ts';
import type { ApiKey, Service, Tenant } from '../../engine/tenancy.ts';
import { idToBytes } from './ids.ts';
import { LoadedRows } from './loaded-rows.ts';
import type { PeopleTables } from './people-tables.ts';
import { Recent } from './recent.ts';
import {
  addressCells,
  idempotencyCells,
  recipientCells,
  sendChanging,
  sendFixed,
  toAddress,
  toIdempotency,
  toRecipient,
  toSend,
  toVerification,
  verificationChanging,
  verificationFixed,
} from './rows.ts';
import type { Tables } from './tables.ts';
import {
  apiKeyCells,
  auditCells,
  auditHeadCells,
  serviceCells,
  tenantCells,
  toApiKey,
  toAuditHead,
  toService,
  toTenant,
  toUsage,
  usageCells,
} from './tenancy-rows.ts';
import type { WebhookTables } from './webhook-tables.ts';

/** Rows of one kind that are remembered. */
const rememberedRows = 8192;
const rememberedTenants = 1024;

/**
 * Rows as values, read at most once while they are in use. The lock on the database makes this sound: nobody else
 * writes. What a rolled-back transaction wrote, or what maintenance changes, must be forgotten.
 */
export class RowCache {
  readonly #tables: Tables;
  readonly #tenantIds = new Recent<Buffer>(rememberedTenants);
  readonly #tenants = new Recent<Tenant | undefined>(rememberedTenants);
  readonly #usage = new Recent<Usage | undefined>(rememberedTenants);
  readonly #guesses = new Recent<CodeGuesses>(rememberedTenants);
  /** Counters of this batch, written once at its end however many commands count. */
  readonly #counted = new Map<string, Usage>();
  readonly #guessed = new Map<string, CodeGuesses>();
  /** Looked up in this batch; a command asks for the same ones several times. */
  readonly #tagged = new Map<string, readonly TaggedVerification[]>();
  // Keys begin with the tenant.
  readonly #recipients = new Recent<RecipientState | undefined>(rememberedRows);
  readonly #addresses = new Recent<AddressState | undefined>(rememberedRows);
  readonly #verifications = new Recent<Verification | undefined>(rememberedRows);
  readonly #sends = new Recent<Send | undefined>(rememberedRows);

  readonly webhooks: WebhookTables;
  readonly people: PeopleTables;

  constructor(tables: Tables, webhooks: WebhookTables, people: PeopleTables) {
    this.#tables = tables;
    this.webhooks = webhooks;
    this.people = people;
  }

  clear(): void {
    for (const rows of [this.#recipients, this.#addresses, this.#verifications, this.#sends]) rows.clear();
    for (const rows of [this.#tenants, this.#usage, this.#guesses]) rows.clear();
    for (const rows of [this.#counted, this.#guessed, this.#tagged]) rows.clear();
    this.webhooks.clear();
  }

  forgetVerification(tenantId: string, id: string): void {
    this.#verifications.forget(`${tenantId} ${id}`);
  }

  /** The rows that `reads` names, for one tenant. */
  load(tenantId: string, reads: Reads): Loaded {
    return new LoadedRows(this, tenantId, reads);
  }

  recipient(tenantId: string, recipient: string): RecipientState | undefined {
    return this.#recipients.get(`${tenantId} ${recipient}`, () => {
      const row = this.#tables.recipients.get([this.#tenant(tenantId), recipient]);
      return row && toRecipient(tenantId, row);
    });
  }

  address(tenantId: string, address: string): AddressState | undefined {
    return this.#addresses.get(`${tenantId} ${address}`, () => {
      const row = this.#tables.addresses.get([this.#tenant(tenantId), address]);
      return row && toAddress(tenantId, row);
    });
  }

  verification(tenantId: string, id: string): Verification | undefined {
    return this.#verifications.get(`${tenantId} ${id}`, () => {
      const row = this.#tables.verifications.get([this.#tenant(tenantId), idToBytes(id)]);
      return row && toVerification(row);
    });
  }

  send(tenantId: string, { verificationId, number }: SendKey): Send | undefined {
    return this.#sends.get(`${tenantId} ${verificationId} ${number}`, () => {
      const row = this.#tables.sends.get([this.#tenant(tenantId), idToBytes(verificationId), number]);
      return row && toSend(row);
    });
  }

  idempotency(tenantId: string, key: string): IdempotentAnswer | undefined {
    const row = this.#tables.idempotency.get([this.#tenant(tenantId), key]);
    return row && toIdempotency(tenantId, row);
  }

  service(tenantId: string, name: string): Service | undefined {
    const row = this.#tables.services.get([this.#tenant(tenantId), name]);
    return row && toService(row);
  }

  apiKey(tenantId: string, keyId: string): ApiKey | undefined {
    const row = this.#tables.apiKeys.get([this.#tenant(tenantId), keyId]);
    return row && toApiKey(row);
  }

  tenant(tenantId: string): Tenant | undefined {
    return this.#tenants.get(tenantId, () => {
      const row = this.#tables.tenants.get([this.#tenant(tenantId)]);
      return row && toTenant(row);
    });
  }

  usage(tenantId: string): Usage | undefined {
    return this.#usage.get(tenantId, () => {
      const row = this.#tables.usage.get([this.#tenant(tenantId)]);
      return row && toUsage(row);
    });
  }

  auditHead(tenantId: string): AuditHead | undefined {
    const row = this.#tables.auditHeads.get([this.#tenant(tenantId)]);
    return row && toAuditHead(row);
  }

  tagged(tenantId: string, tag: string): readonly TaggedVerification[] {
    const key = `${tenantId} ${tag}`;
    const known = this.#tagged.get(key);
    if (known !== undefined) return known;
    const found = this.#tables.codeTags.tagged(this.#tenant(tenantId), tag);
    this.#tagged.set(key, found);
    return found;
  }

  codeGuesses(tenantId: string): CodeGuesses {
    return this.#guesses.get(tenantId, () => this.#tables.codeTags.guesses(this.#tenant(tenantId)));
  }

  /** Writes what a batch counted. The last thing before its commit. */
  flush(): void {
    const { usage: usages, codeTags } = this.#tables;
    for (const [tenantId, usage] of this.#counted) usages.put(usageCells(this.#tenant(tenantId), usage));
    for (const [tenantId, guesses] of this.#guessed) codeTags.setGuesses(this.#tenant(tenantId), guesses);
    for (const rows of [this.#counted, this.#guessed, this.#tagged]) rows.clear();
  }

  /** Writes whole rows of one tenant. @throws Error when a row is another tenant's, or is missing or there already */
  write(tenantId: string, writes: Writes): void {
    const tables = this.#tables;
    const tenant = this.#tenant(tenantId);
    for (const row of writes.tenants ?? []) {
      tables.tenants.put(tenantCells(row));
      this.#tenants.set(tenantId, row);
    }
    for (const row of writes.services ?? []) tables.services.put(serviceCells(tenant, row));
    for (const row of writes.apiKeys ?? []) tables.apiKeys.put(apiKeyCells(tenant, row));
    for (const row of writes.recipients ?? []) {
      const cells = recipientCells(tenant, row);
      const isNew = this.recipient(tenantId, row.recipient) === undefined;
      if (isNew) tables.recipients.put(cells);
      else tables.recipients.set([...cells.slice(2), ...cells.slice(0, 2)]);
      this.#recipients.set(`${tenantId} ${row.recipient}`, row);
    }
    for (const row of writes.addresses ?? []) {
      const cells = addressCells(tenant, row);
      const isNew = this.address(tenantId, row.address) === undefined;
      if (isNew) tables.addresses.put(cells);
      else tables.addresses.set([...cells.slice(2), ...cells.slice(0, 2)]);
      this.#addresses.set(`${tenantId} ${row.address}`, row);
    }
    for (const row of writes.newVerifications ?? []) {
      tables.verifications.put([...verificationFixed(tenant, row), ...verificationChanging(row)]);
      this.#verifications.set(`${tenantId} ${row.id}`, row);
    }
    for (const row of writes.verifications ?? []) {
      tables.verifications.set([...verificationChanging(row), tenant, idToBytes(row.id)]);
      this.#verifications.set(`${tenantId} ${row.id}`, row);
    }
    for (const row of writes.newSends ?? []) {
      tables.sends.put([...sendFixed(tenant, row), ...sendChanging(row)]);
      this.#sends.set(`${tenantId} ${row.verificationId} ${row.number}`, row);
    }
    for (const row of writes.sends ?? []) {
      tables.sends.set([...sendChanging(row), tenant, idToBytes(row.verificationId), row.number]);
      this.#sends.set(`${tenantId} ${row.verificationId} ${row.number}`, row);
    }
    for (const row of writes.idempotency ?? []) tables.idempotency.put(idempotencyCells(tenant, row));
    if (writes.usage !== undefined) {
      this.#usage.set(tenantId, writes.usage);
      this.#counted.set(tenantId, writes.usage);
    }
    for (const row of writes.audit ?? []) tables.audit.put(auditCells(tenant, row));
    if (writes.auditHead !== undefined) tables.auditHeads.put(auditHeadCells(tenant, writes.auditHead));
    if (writes.webhooks !== undefined) this.webhooks.write(tenantId, writes.webhooks);
    if (writes.people !== undefined) this.people.write(tenantId, writes.people);
    for (const row of writes.newCodeTags ?? []) {
      tables.codeTags.put(tenant, row);
      this.#tagged.delete(`${tenantId} ${row.tag}`);
    }
    for (const row of writes.spentTags ?? []) {
      tables.codeTags.spend(tenant, row);
      // Which tag it had is written in the table alone.
      this.#tagged.clear();
    }
    if (writes.codeGuesses !== undefined) {
      this.#guesses.set(tenantId, writes.codeGuesses);
      this.#guessed.set(tenantId, writes.codeGuesses);
    }
    for (const [name, value] of Object.entries(writes.facts ?? {})) tables.facts.set(name, value);
  }

  #tenant(tenantId: string): Buffer {
    return this.#tenantIds.get(tenantId, idToBytes);
  }
}
