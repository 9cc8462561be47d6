import type { Migration } from '../migrate.ts';

/**
 * Tenants, verifications and all that a create or a check touches. Times are milliseconds UTC, ids 16 bytes.
 *
 * Tables of long rows that come in the order of time have a rowid, so that rows are appended and only the small key
 * index is searched; small rows looked up by what somebody typed live in their key's own tree.
 */
export const engine: Migration = {
  number: 1,
  name: 'engine',
  sql: `
    create table tenants (
      id blob primary key,
      name text not null,
      created_at integer not null
    ) strict, without rowid;

    create table services (
      tenant_id blob not null,
      name text not null,
      brand text not null,
      sender text not null,
      channels text not null,
      code_length integer not null,
      code_alphabet text not null,
      ttl_seconds integer not null,
      attempts_max integer not null,
      weak_codes integer not null,
      primary key (tenant_id, name)
    ) strict, without rowid;

    create table api_keys (
      tenant_id blob not null,
      id text not null unique,
      hash text not null,
      created_at integer not null,
      primary key (tenant_id, id)
    ) strict, without rowid;

    create table recipients (
      tenant_id blob not null,
      recipient text not null,
      send_times text not null,
      failures integer not null,
      wait_until integer not null,
      latest text not null,
      newest_id blob,
      updated_at integer not null,
      primary key (tenant_id, recipient)
    ) strict;

    create table addresses (
      tenant_id blob not null,
      address text not null,
      create_times text not null,
      updated_at integer not null,
      primary key (tenant_id, address)
    ) strict, without rowid;

    create table verifications (
      tenant_id blob not null,
      id blob not null,
      service text not null,
      face text not null,
      recipient text not null,
      country text,
      channel text not null,
      reference text,
      locale text,
      sender text,
      template text,
      metadata text,
      signals text,
      created_at integer not null,
      expires_at integer not null,
      attempts_max integer not null,
      code_alphabet text not null,
      code_length integer not null,
      previous_id blob,
      status text not null,
      ended_at integer,
      attempts_used integer not null,
      sends_used integer not null,
      next_send_at integer not null,
      code_generation integer not null,
      code_key_id text not null,
      code_salt text,
      code_sealed text,
      timeline text not null,
      primary key (tenant_id, id)
    ) strict;

    create index verifications_with_secret on verifications (expires_at)
      where code_salt is not null or code_sealed is not null;

    create table sends (
      tenant_id blob not null,
      verification_id blob not null,
      number integer not null,
      channel text not null,
      providers text not null,
      status text not null,
      tries integer not null,
      provider_tries integer not null,
      try_open integer not null,
      epoch text,
      due_at integer not null,
      created_at integer not null,
      ended_at integer,
      provider_message_id text,
      reason text,
      uncertain integer not null,
      possible_duplicate integer not null,
      primary key (tenant_id, verification_id, number)
    ) strict;

    create index sends_unowned on sends (due_at) where status = 'queued' and epoch is null;

    create table idempotency (
      tenant_id blob not null,
      key text not null,
      fingerprint text not null,
      outcome text not null,
      created_at integer not null,
      primary key (tenant_id, key)
    ) strict;

    create table facts (
      name text primary key,
      value text not null
    ) strict, without rowid;
  `,
};
