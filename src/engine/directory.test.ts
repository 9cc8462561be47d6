import { expect, test } from 'vitest';
import { aService, otherTenantId, tenantId } from '../../testing/builders.ts';
import { virtualClock } from '../../testing/clock.ts';
import { createDirectory } from './directory.ts';
import type { Queries } from './store.ts';
import type { ApiKey, Service } from './tenancy.ts';

/** A store that counts how often it is asked. */
function aDirectory() {
  const clock = virtualClock();
  const asked: string[] = [];
  const answers = { service: aService() as Service | undefined, apiKey: undefined as ApiKey | undefined, fails: false };
  const queries = {
    async service(tenant: string, name: string) {
      asked.push(`${tenant} ${name}`);
      if (answers.fails) throw new Error('gone');
      return answers.service;
    },
    async apiKey(id: string) {
      asked.push(id);
      return answers.apiKey;
    },
  } as Partial<Queries> as Queries;
  return { directory: createDirectory(queries, clock.monotonicMs), clock, asked, answers };
}

test('remembers a service for three seconds, and then asks again', async () => {
  const { directory, clock, asked, answers } = aDirectory();
  expect(await directory.service(tenantId, 'default')).toEqual(aService());
  answers.service = aService({ brand: 'New' });
  clock.advance(2999);
  expect((await directory.service(tenantId, 'default'))?.brand).toBe('Acme');
  clock.advance(1);
  expect((await directory.service(tenantId, 'default'))?.brand).toBe('New');
  expect(asked).toHaveLength(2);
});

test('asks the store once for many who ask at the same time', async () => {
  const { directory, asked } = aDirectory();
  await Promise.all(Array.from({ length: 50 }, () => directory.service(tenantId, 'default')));
  expect(asked).toHaveLength(1);
});

test('keeps tenants and services apart', async () => {
  const { directory, asked } = aDirectory();
  await directory.service(tenantId, 'default');
  await directory.service(otherTenantId, 'default');
  await directory.service(tenantId, 'a b');
  expect(asked).toEqual([`${tenantId} default`, `${otherTenantId} default`, `${tenantId} a b`]);
});

test('sees a new API key, and a revoked one, after three seconds', async () => {
  const { directory, clock, answers } = aDirectory();
  const key = { id: 'k', tenantId, hash: '', name: '', scopes: [], sources: [], createdAtMs: 0 };
  expect(await directory.apiKey('k')).toBeUndefined();
  answers.apiKey = key;
  clock.advance(3000);
  expect(await directory.apiKey('k')).toEqual(key);
  answers.apiKey = undefined;
  clock.advance(3000);
  expect(await directory.apiKey('k')).toBeUndefined();
});

test('does not remember a failure', async () => {
  const { directory, answers } = aDirectory();
  answers.fails = true;
  await expect(directory.service(tenantId, 'default')).rejects.toThrow('gone');
  answers.fails = false;
  expect(await directory.service(tenantId, 'default')).toEqual(aService());
});

test('forgets the oldest of ten thousand, so that unknown keys do not fill the memory', async () => {
  const { directory, asked } = aDirectory();
  for (let i = 0; i <= 10_000; i++) await directory.apiKey(`k${i}`);
  asked.length = 0;
  await directory.apiKey('k10000');
  await directory.apiKey('k5000');
  expect(asked).toEqual([]);
  await directory.apiKey('k0');
  expect(asked).toEqual(['k0']);
});
