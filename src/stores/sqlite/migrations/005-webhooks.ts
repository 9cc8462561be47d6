import type { Migration } from '../migrate.ts';

/**
 * Where tenants want to hear of changes, and what is to be told. A verification of which nobody wants to hear has no
 * row here. `deliveries` is found by destination, so that one that fails does not stand before the others.
 */
export const webhooks: Migration = {
  number: 5,
  name: 'webhooks',
  sql: `
    create table webhook_endpoints (
      tenant_id blob not null,
      id blob not null,
      url text not null,
      events text not null,
      description text not null,
      full_recipient integer not null,
      secret_key_id text not null,
      secret_sealed text not null,
      previous_key_id text,
      previous_sealed text,
      previous_until integer,
      disabled text,
      failing_since integer,
      created_at integer not null,
      primary key (tenant_id, id)
    ) strict, without rowid;

    create table events (
      tenant_id blob not null,
      verification_id blob not null,
      number integer not null,
      id blob not null,
      kind text not null,
      at integer not null,
      body text not null,
      primary key (tenant_id, verification_id, number)
    ) strict;

    create table deliveries (
      tenant_id blob not null,
      verification_id blob not null,
      number integer not null,
      destination text not null,
      event_id blob not null,
      event text not null,
      created_at integer not null,
      status text not null,
      attempts integer not null,
      epoch text,
      due_at integer not null,
      began_at integer not null,
      ended_at integer,
      http_status integer,
      reason text,
      primary key (tenant_id, verification_id, number, destination)
    ) strict;

    create index deliveries_due on deliveries (destination, due_at) where status = 'queued' and epoch is null;
    create index deliveries_owned on deliveries (tenant_id) where epoch is not null;
    create index deliveries_by_time on deliveries (tenant_id, destination, created_at, verification_id, number);

    create table expiries (
      tenant_id blob not null,
      verification_id blob not null,
      due_at integer not null,
      primary key (tenant_id, verification_id)
    ) strict, without rowid;

    create index expiries_due on expiries (due_at);
  `,
};
