import { expect, test } from 'vitest';
import { makeApiKey, pairOf } from '../domain/api-key.ts';
import type { Administration } from './administration.ts';
import { keyIssue } from './key-issue.ts';
import { type ApiKey, serverTenantId } from './tenancy.ts';

const key = makeApiKey('live', '0123456789abcdef', 'ab'.repeat(32));
const tenantId = '0192f000-0000-7000-8000-00000000000a';
const by = { name: 'anybody' };

function issueOver(known: boolean) {
  const asked: unknown[] = [];
  const administration: Pick<Administration, 'createApiKey' | 'hasTenant'> = {
    hasTenant: async () => known,
    async createApiKey(administered, request) {
      asked.push([administered, request]);
      return { kind: 'api-key', key, apiKey: { id: pairOf(key).key, tenantId } as ApiKey };
    },
  };
  return { issue: keyIssue(administration), asked };
}

test('a tenant that is known gets the halves of a key that may do the usual', async () => {
  const { issue, asked } = issueOver(true);
  expect(await issue(tenantId, by)).toEqual({ kind: 'issued', ...pairOf(key) });
  expect(asked).toEqual([[{ tenantId, by }, { name: 'Issued on request' }]]);
});

const nobody: [sentence: string, known: boolean, id: string][] = [
  ['a tenant that is unknown', false, tenantId],
  ['the server itself, whatever is known of it', true, serverTenantId],
  ['what is no id', true, 'nobody'],
  ['an id in capitals', true, tenantId.toUpperCase()],
];

test.each(nobody)('%s gets none', async (_, known, id) => {
  const { issue, asked } = issueOver(known);
  expect([await issue(id, by), asked]).toEqual([{ kind: 'not-found' }, []]);
});
