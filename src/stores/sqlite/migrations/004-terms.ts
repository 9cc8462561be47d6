import type { Migration } from '../migrate.ts';

/**
 * What a verification or a service has beyond the usual, in JSON: most have none. And one index less, that every create
 * paid for and only the purge used.
 */
export const terms: Migration = {
  number: 4,
  name: 'terms',
  sql: `
    alter table verifications add column terms text;
    alter table services add column options text;

    drop index addresses_by_age;
  `,
};
