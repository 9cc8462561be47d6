import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDevelopment, temporaryDirectory } from './process.ts';

interface Metal {
  readonly authToken: string;
  readonly userId: string;
  readonly login: string;
  readonly password: string;
  readonly phoneNumber: string;
}

/** What a start of development mode says, and what its user is answered. */
async function started(directory: string) {
  await using server = await startDevelopment(directory);
  const signal = AbortSignal.timeout(25_000);
  const { metal } = (await (await fetch(`${server.url}/dev/credentials`, { signal })).json()) as { metal: Metal };
  const { authToken, login, password } = metal;
  const url = `${server.url}/metal/v1`;
  const user = await fetch(`${url}/user`, { headers: { 'x-auth-token': authToken }, signal });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ login, password });
  const session = await fetch(`${url}/sessions`, { method: 'POST', headers, body, signal });
  return { metal, user: [user.status, await user.json()], login: session.status };
}

test('development mode has one user, the same after a restart, and beside the data of an earlier version', {
  timeout: 60_000,
}, async () => {
  using directory = temporaryDirectory();
  const first = await started(directory.path);
  expect(first.metal.phoneNumber).toBe('+33612000077');
  const { userId: id, login: email, phoneNumber: phone_number } = first.metal;
  expect(first).toMatchObject({ user: [200, { id, email, phone_number }], login: 201 });
  expect(first.user[1]).not.toHaveProperty('two_factor_auth');
  const again = await started(directory.path);
  expect(again).toMatchObject({ metal: first.metal, user: [200, { id }], login: 201 });

  using older = temporaryDirectory();
  const made = await started(older.path);
  const file = join(older.path, 'credentials.json');
  const { metal: _, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as object & { metal: Metal };
  writeFileSync(file, JSON.stringify(rest));
  for (const ending of ['', '-wal', '-shm']) rmSync(join(older.path, `countersign.db${ending}`), { force: true });
  const completed = await started(older.path);
  expect(completed).toMatchObject({ user: [200, { id: completed.metal.userId }], login: 201 });
  expect(completed.metal.authToken).not.toBe(made.metal.authToken);
});
