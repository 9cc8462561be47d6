import { expect, test } from 'vitest';
import { BackupFailed, backupFailed } from './backup-failed.ts';

test.each([
  ['ENOSPC', 'disk-full', 'the backup /b does not fit on its disk; make room, or choose another disk'],
  ['SQLITE_FULL', 'disk-full', 'the backup /b does not fit on its disk; make room, or choose another disk'],
  ['EACCES', 'not-permitted', 'the backup /b cannot be written by this user; choose another folder'],
  ['EROFS', 'not-permitted', 'the backup /b cannot be written by this user; choose another folder'],
  ['SQLITE_CORRUPT_INDEX', 'damaged', 'the backup /b was not kept: the database, or the copy of it, is damaged'],
  ['SQLITE_IOERR_READ', 'failed', 'the backup /b could not be written (disk)'],
])('%s means %s, and says what to do', (code, reason, message) => {
  const failed = backupFailed('/b', Object.assign(new Error('disk'), { code }));
  expect(failed).toMatchObject({ reason, message });
});

test('what was explained already stays as it is', () => {
  const failed = new BackupFailed('damaged', 'page 7');
  expect(backupFailed('/b', failed)).toBe(failed);
});
