import { expect, test } from 'vitest';
import { typed } from '../../../testing/cli.ts';

test('migrate says what became of the schema', async () => {
  const to = (from: number) => ({ migrate: async () => ({ from, to: 3 }) });
  expect(await typed(['migrate'], {}, to(1))).toMatchObject({ exit: 0, out: 'schema 1 became 3\n' });
  expect(await typed(['migrate'], {}, to(3))).toMatchObject({ exit: 0, out: 'schema 3: nothing to do\n' });
  const { out } = await typed(['migrate', '--json'], {}, to(1));
  expect(JSON.parse(out)).toEqual({ from: 1, to: 3 });
});

test('restore names an absolute file, tells how far it is, and what it did', async () => {
  const files: string[] = [];
  const restore = async (_: unknown, file: string, tell: (done: number, total: number) => void) => {
    files.push(file);
    tell(1, 2);
    return {
      bytes: 2048,
      takenAt: '2026-11-21T12:00:00.000Z',
      tenants: 1,
      verifications: 7,
      sendsDropped: 2,
      missingKeys: ['pepper k-1'],
    };
  };
  const { exit, out, err } = await typed(['restore', 'x.db', '--yes'], {}, { restore, answers: [] });
  expect({ exit, files }).toEqual({ exit: 0, files: ['/somewhere/x.db'] });
  expect(out).toBe(
    'restored 2.0 KiB, taken 2026-11-21T12:00:00.000Z\n1 tenant\n7 verifications\n2 queued sends dropped\nadd to the key file: pepper k-1\n' +
      'revoke again the API keys and user tokens that were revoked after it was taken\n',
  );
  expect(err).toContain('restoring: 1 of 2 (50 %)');
});

test('what a start says is shown to people, and as JSON to programs', async () => {
  const started = async () => ({ text: '\nIt listens.\n', json: { url: 'http://127.0.0.1:8080' } });
  for (const name of ['dev', 'serve']) {
    expect(await typed([name], {}, { [name]: started })).toMatchObject({ exit: 0, out: '\nIt listens.\n' });
    const { out } = await typed([name, '--json'], {}, { [name]: started });
    expect(JSON.parse(out)).toEqual({ url: 'http://127.0.0.1:8080' });
  }
});

const removals: [sentence: string, args: string[], result: object, said: string][] = [
  [
    'one of a kind',
    [],
    { rows: { 'purge-verification-rows': 1, 'purge-audit': 1 } },
    'removed 1 verification, 1 audit entry',
  ],
  [
    'several',
    [],
    { rows: { 'purge-verification-rows': 1200, 'purge-audit': 2 } },
    'removed 1,200 verifications, 2 audit entries',
  ],
  ['nothing', [], { rows: { 'purge-audit': 0 }, logTruncated: true }, 'nothing is past its time'],
  ['one row of a person', ['--recipient', 'ada@example.com'], { rows: 1 }, 'removed 1 row'],
  [
    'a person who is not known',
    ['--recipient', 'eve@example.com'],
    { rows: 0 },
    'nothing is kept about this recipient',
  ],
];

test.each(removals)('purge says in a sentence that it removed %s', async (_, args, result, said) => {
  const answer = { body: [{ result }] };
  const script = { 'POST /admin/v1/purge': answer, 'POST /admin/v1/erasures': answer };
  expect(await typed(['purge', '--yes', ...args], script)).toMatchObject({ exit: 0, out: `${said}\n` });
});
