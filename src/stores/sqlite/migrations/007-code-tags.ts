import type { Migration } from '../migrate.ts';

/**
 * For verifications that are found by their code alone: what it is found by, and how many wrong codes were handed in so.
 * A row of a verification that was right has no tag any more, but the salt that its code is shown from.
 */
export const codeTags: Migration = {
  number: 7,
  name: 'code tags',
  sql: `
    create table code_tags (
      tenant_id blob not null,
      verification_id blob not null,
      key_id text not null,
      tag text,
      salt text,
      erase_at integer not null,
      primary key (tenant_id, verification_id)
    ) strict, without rowid;
    create index code_tags_by_tag on code_tags (tenant_id, tag) where tag is not null;
    create index code_tags_by_age on code_tags (tenant_id, erase_at);

    create table code_guesses (
      tenant_id blob primary key not null,
      minutes text not null
    ) strict, without rowid;
  `,
};
