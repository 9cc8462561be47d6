import type { Migration } from '../migrate.ts';

/** Finds the sealed codes of one key, for counting and rewrapping. Derived codes, which are most, are not in it. */
export const sealedCodes: Migration = {
  number: 3,
  name: 'sealed-codes',
  sql: `
    create index verifications_sealed on verifications (code_key_id) where code_sealed is not null;
  `,
};
