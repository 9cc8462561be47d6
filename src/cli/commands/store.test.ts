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
    return { bytes: 2048, takenAt: '2026-11-21T12:00:00.000Z', verifications: 7, missingKeys: ['pepper k-1'] };
  };
  const { exit, out, err } = await typed(['restore', 'x.db', '--yes'], {}, { restore, answers: [] });
  expect({ exit, files }).toEqual({ exit: 0, files: ['/somewhere/x.db'] });
  expect(out).toBe(
    'restored 2.0 KiB, taken 2026-11-21T12:00:00.000Z\n7 verifications\nadd to the key file: pepper k-1\n' +
      'revoke again the API keys that were revoked after it was taken\n',
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
