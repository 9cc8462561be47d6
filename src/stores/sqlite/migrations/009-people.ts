import type { Migration } from '../migrate.ts';

/** Users, their factors, challenges and sessions. They are few beside verifications, and written whole. */
export const people: Migration = {
  number: 9,
  name: 'people',
  sql: `
    create table users (
      tenant_id blob not null,
      id blob not null,
      reference text,
      login text,
      phone_number text,
      email text,
      password text,
      password_version integer not null,
      profile text,
      failures integer not null,
      wait_until integer not null,
      login_failures integer not null,
      login_wait_until integer not null,
      recovery_key_id text,
      recovery_sealed text,
      recovery text,
      sessions_from integer not null,
      last_login_at integer,
      created_at integer not null,
      updated_at integer not null,
      primary key (tenant_id, id)
    ) strict, without rowid;

    create unique index users_by_reference on users (tenant_id, reference) where reference is not null;
    create unique index users_by_login on users (tenant_id, login) where login is not null;
    create index users_by_phone_number on users (tenant_id, phone_number) where phone_number is not null;
    create index users_by_email on users (tenant_id, email) where email is not null;
    create index users_by_key on users (recovery_key_id) where recovery_key_id is not null;

    create table factors (
      tenant_id blob not null,
      user_id blob not null,
      id blob not null,
      kind text not null,
      status text not null,
      name text,
      recipient text,
      verification_id blob,
      totp_key_id text,
      totp_sealed text,
      totp text,
      created_at integer not null,
      activated_at integer,
      last_used_at integer,
      primary key (tenant_id, user_id, id)
    ) strict, without rowid;

    create index factors_pending on factors (created_at) where status = 'pending';
    create index factors_by_recipient on factors (tenant_id, recipient) where recipient is not null;
    create index factors_by_key on factors (totp_key_id) where totp_key_id is not null;

    create table challenges (
      tenant_id blob not null,
      id blob not null,
      user_id blob not null,
      factor_id blob,
      verification_id blob,
      status text not null,
      attempts_used integer not null,
      attempts_max integer not null,
      proof text,
      session_id blob,
      created_at integer not null,
      expires_at integer not null,
      ended_at integer,
      primary key (tenant_id, id)
    ) strict, without rowid;

    create index challenges_by_end on challenges (expires_at);
    create index challenges_by_user on challenges (tenant_id, user_id);

    create table sessions (
      tenant_id blob not null,
      id blob not null,
      user_id blob not null,
      hash text not null,
      state text not null,
      face text not null,
      proof text,
      description text,
      created_at integer not null,
      expires_at integer,
      idle_seconds integer,
      last_used_at integer not null,
      revoked_at integer,
      primary key (tenant_id, id)
    ) strict, without rowid;

    create unique index sessions_by_id on sessions (id);
    create index sessions_by_user on sessions (tenant_id, user_id, id);
    create index sessions_by_end on sessions (expires_at) where expires_at is not null;
    create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
  `,
};
