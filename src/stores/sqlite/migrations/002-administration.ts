import type { Migration } from '../migrate.ts';

/**
 * What operators manage: ceilings, countries, test numbers, API keys that can be changed, and the audit trail of it.
 *
 * Answers kept for idempotency keys now name the pepper key of their fingerprint. Earlier ones do not, and are dropped:
 * they would have lived for a day.
 *
 * Whatever is there already was made by development mode, the only one there was: it may send anything anywhere.
 */
export const administration: Migration = {
  number: 2,
  name: 'administration',
  sql: `
    alter table tenants add column daily_sends_max integer not null default 0;
    update tenants set daily_sends_max = 1000000000;

    alter table services add column countries text not null default '';
    update services set countries = '*';
    alter table services add column test_numbers text not null default '[]';

    alter table api_keys add column name text not null default '';
    alter table api_keys add column scopes text not null default '';
    alter table api_keys add column sources text not null default '';
    alter table api_keys add column expires_at integer;
    alter table api_keys add column revoked_at integer;
    alter table api_keys add column last_used_at integer;
    update api_keys set scopes = 'verifications:send verifications:check verifications:read services:read services:write api-keys:read api-keys:write audit:read';

    alter table verifications add column test integer not null default 0;

    create table usage (
      tenant_id blob primary key,
      day integer not null,
      sends integer not null
    ) strict, without rowid;

    create table audit (
      tenant_id blob not null,
      number integer not null,
      at integer not null,
      actor text not null,
      action text not null,
      target text not null,
      before text not null,
      after text not null,
      address text,
      request_id text,
      previous_hash text not null,
      hash text not null,
      primary key (tenant_id, number)
    ) strict, without rowid;

    create table audit_heads (
      tenant_id blob primary key,
      number integer not null,
      hash text not null,
      first_number integer not null,
      first_previous_hash text not null
    ) strict, without rowid;

    delete from idempotency;
    alter table idempotency add column key_id text not null default '';

    create index addresses_by_age on addresses (updated_at);

    drop index sends_unowned;
    create index sends_unowned on sends (due_at, tenant_id) where status = 'queued' and epoch is null;
  `,
};
