import type { Migration } from '../migrate.ts';

/** What few recipients have, in JSON: requests written down as refused, and what the tenant said became of the person. */
export const remarks: Migration = {
  number: 8,
  name: 'remarks',
  sql: `
    alter table recipients add column remarks text;
  `,
};
