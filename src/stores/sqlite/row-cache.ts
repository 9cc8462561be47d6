import type { AddressState, RecipientState } from '../../domain/recipient-state.ts';
import type { Send } from '../../domain/send.ts';
import type { Verification } from '../../domain/verification.ts';
import type { Loaded, Reads, SendKey, Writes } from '../../engine/command.ts';
import type { IdempotentAnswer } from '../../engine/idempotency.ts';
import type { Service } from '../../engine/tenancy.ts';
import { idToBytes } from './ids.ts';
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
import { apiKeyCells, serviceCells, tenantCells, toService } from './tenancy-rows.ts';

/** Rows of one kind and tenant that are remembered. */
const rememberedRows = 8192;
const rememberedTenants = 256;

interface TenantRows {
  readonly id: Buffer;
  readonly recipients: Recent<RecipientState | undefined>;
  readonly addresses: Recent<AddressState | undefined>;
  readonly verifications: Recent<Verification | undefined>;
  readonly sends: Recent<Send | undefined>;
}

/**
 * Rows as values, read at most once while they are in use. The lock on the database makes this sound: nobody else
 * writes. What a rolled-back transaction wrote, or what maintenance changes, must be forgotten with `clear`.
 */
export class RowCache {
  readonly #tables: Tables;
  #tenants = new Recent<TenantRows>(rememberedTenants);

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  clear(): void {
    this.#tenants = new Recent(rememberedTenants);
  }

  /** The rows that `reads` names, for one tenant. */
  load(tenantId: string, reads: Reads): Loaded {
    return new LoadedRows(this, tenantId, reads);
  }

  recipient(tenantId: string, recipient: string): RecipientState | undefined {
    const tenant = this.#tenant(tenantId);
    return tenant.recipients.get(recipient, () => {
      const row = this.#tables.recipients.get(tenant.id, recipient);
      return row && toRecipient(tenantId, row);
    });
  }

  address(tenantId: string, address: string): AddressState | undefined {
    const tenant = this.#tenant(tenantId);
    return tenant.addresses.get(address, () => {
      const row = this.#tables.addresses.get(tenant.id, address);
      return row && toAddress(tenantId, row);
    });
  }

  verification(tenantId: string, id: string): Verification | undefined {
    const tenant = this.#tenant(tenantId);
    return tenant.verifications.get(id, () => {
      const row = this.#tables.verifications.get(tenant.id, idToBytes(id));
      return row && toVerification(row);
    });
  }

  send(tenantId: string, { verificationId, number }: SendKey): Send | undefined {
    const tenant = this.#tenant(tenantId);
    return tenant.sends.get(`${verificationId} ${number}`, () => {
      const row = this.#tables.sends.get(tenant.id, idToBytes(verificationId), number);
      return row && toSend(row);
    });
  }

  idempotency(tenantId: string, key: string): IdempotentAnswer | undefined {
    const row = this.#tables.idempotency.get(this.#tenant(tenantId).id, key);
    return row && toIdempotency(tenantId, row);
  }

  service(tenantId: string, name: string): Service | undefined {
    const row = this.#tables.services.get(this.#tenant(tenantId).id, name);
    return row && toService(row);
  }

  /** Writes whole rows of one tenant. @throws Error when a row is another tenant's, or is missing or there already */
  write(tenantId: string, writes: Writes): void {
    const tables = this.#tables;
    const rows = this.#tenant(tenantId);
    const tenant = rows.id;
    for (const row of writes.tenants ?? []) tables.tenants.put(...tenantCells(row));
    for (const row of writes.services ?? []) tables.services.put(...serviceCells(tenant, row));
    for (const row of writes.apiKeys ?? []) tables.apiKeys.put(...apiKeyCells(tenant, row));
    for (const row of writes.recipients ?? []) {
      const cells = recipientCells(tenant, row);
      const isNew = this.recipient(tenantId, row.recipient) === undefined;
      if (isNew) tables.recipients.put(...cells);
      else tables.recipients.set(...cells.slice(2), ...cells.slice(0, 2));
      rows.recipients.set(row.recipient, row);
    }
    for (const row of writes.addresses ?? []) {
      const cells = addressCells(tenant, row);
      const isNew = this.address(tenantId, row.address) === undefined;
      if (isNew) tables.addresses.put(...cells);
      else tables.addresses.set(...cells.slice(2), ...cells.slice(0, 2));
      rows.addresses.set(row.address, row);
    }
    for (const row of writes.newVerifications ?? []) {
      tables.verifications.put(...verificationFixed(tenant, row), ...verificationChanging(row));
      rows.verifications.set(row.id, row);
    }
    for (const row of writes.verifications ?? []) {
      tables.verifications.set(...verificationChanging(row), tenant, idToBytes(row.id));
      rows.verifications.set(row.id, row);
    }
    for (const row of writes.newSends ?? []) {
      tables.sends.put(...sendFixed(tenant, row), ...sendChanging(row));
      rows.sends.set(`${row.verificationId} ${row.number}`, row);
    }
    for (const row of writes.sends ?? []) {
      tables.sends.set(...sendChanging(row), tenant, idToBytes(row.verificationId), row.number);
      rows.sends.set(`${row.verificationId} ${row.number}`, row);
    }
    for (const row of writes.idempotency ?? []) tables.idempotency.put(...idempotencyCells(tenant, row));
  }

  #tenant(tenantId: string): TenantRows {
    return this.#tenants.get(tenantId, () => ({
      id: idToBytes(tenantId),
      recipients: new Recent(rememberedRows),
      addresses: new Recent(rememberedRows),
      verifications: new Recent(rememberedRows),
      sends: new Recent(rememberedRows),
    }));
  }
}

/** What one command asked for. Asking for more is a mistake that another store would pay for, so that it throws here. */
class LoadedRows implements Loaded {
  readonly #rows: RowCache;
  readonly #tenantId: string;
  readonly #reads: Reads;

  constructor(rows: RowCache, tenantId: string, reads: Reads) {
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
}

function assertAsked(asked: boolean | undefined): void {
  if (asked !== true) throw new Error('a decider looks at a row that it did not ask for');
}
