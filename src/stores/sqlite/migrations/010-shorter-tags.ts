import type { Migration } from '../migrate.ts';

/**
 * Tags as 8 bytes, in a table whose rows are appended. Tags come in no order, so that each new one changes a page of their
 * index: what that costs goes by how many entries a page holds. They are of one tenant each by how they are made, so that
 * the index need not name it.
 */
export const shorterTags: Migration = {
  number: 10,
  name: 'shorter tags',
  sql: `
    drop index code_tags_by_tag;
    drop index code_tags_by_age;
    alter table code_tags rename to code_tags_before;

    create table code_tags (
      tenant_id blob not null,
      verification_id blob not null,
      key_id text not null,
      tag blob,
      salt text,
      erase_at integer not null,
      primary key (tenant_id, verification_id)
    ) strict;
    insert into code_tags (tenant_id, verification_id, key_id, tag, salt, erase_at)
      select tenant_id, verification_id, key_id, unhex(substr(tag, 1, 16)), salt, erase_at
      from code_tags_before order by verification_id;
    drop table code_tags_before;

    create index code_tags_by_tag on code_tags (tag) where tag is not null;
    create index code_tags_by_age on code_tags (tenant_id, erase_at);
  `,
};
