import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { times } from '../../testing/builders.ts';
import { createPasswords } from './passwords.ts';
import { systemRandom } from './random.ts';

const open = () => createPasswords(systemRandom());
const password = 'correct horse battery';

test('a password is known again, and no other is taken for it', async () => {
  const passwords = open();
  const kept = await passwords.hash(password);
  expect(await passwords.isRight(password, kept)).toBe(true);
  expect(await passwords.isRight(`${password} `, kept)).toBe(false);
});

test('letters composed and decomposed are the same password', async () => {
  const passwords = open();
  expect(await passwords.isRight('cafe\u0301 noir', await passwords.hash('caf\u00e9 noir'))).toBe(true);
});

test('what is kept names its parameters, has a salt of its own and nothing of the password', async () => {
  const passwords = open();
  const [one, other] = await Promise.all([passwords.hash(password), passwords.hash(password)]);
  expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(other);
  expect(one).not.toContain('horse');
});

test('a password that was kept with other parameters is still known', async () => {
  const salt = Buffer.alloc(16, 7);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  const kept = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
  expect(await open().isRight(password, kept)).toBe(true);
});

test('where there is no password none is right', async () => {
  expect(await open().isRight(password, undefined)).toBe(false);
});

test('what cannot be read is a mistake of ours', async () => {
  await expect(open().isRight(password, 'plain')).rejects.toThrow('cannot be read');
});

test('of twenty at once two are worked on, sixteen wait, and two are told to come again', async () => {
  const passwords = open();
  const asked = await Promise.allSettled(times(20, () => passwords.isRight(password, undefined)));
  const refused = asked.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({ reason: { reason: 'overloaded', retryAfterSeconds: 2 } });
  expect(await passwords.isRight(password, undefined)).toBe(false);
});
