import type { Migration } from '../migrate.ts';

/** What tenants have paid beforehand, in millionths of the currency, and what was taken of it for a send. */
export const balances: Migration = {
  number: 6,
  name: 'balances',
  sql: `
    alter table tenants add column prepaid integer not null default 0;
    alter table usage add column balance integer not null default 0;
    alter table sends add column taken integer;
  `,
};
