export type BackupFailure = 'exists' | 'no-folder' | 'not-permitted' | 'disk-full' | 'damaged' | 'failed';

/** No copy was made; whatever was begun is gone. The message says what to do. */
export class BackupFailed extends Error {
  readonly reason: BackupFailure;

  constructor(reason: BackupFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupFailed';
    this.reason = reason;
  }
}

const reasons: Readonly<Record<string, BackupFailure>> = {
  EEXIST: 'exists',
  ENOENT: 'no-folder',
  ENOTDIR: 'no-folder',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  EROFS: 'not-permitted',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  SQLITE_FULL: 'disk-full',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
  SQLITE_READONLY: 'not-permitted',
  SQLITE_CANTOPEN: 'not-permitted',
};

const remedies: Readonly<Record<BackupFailure, string>> = {
  exists: 'is there already; choose another name, or remove it if no backup is being written',
  'no-folder': 'cannot be made: its folder does not exist',
  'not-permitted': 'cannot be written by this user; choose another folder',
  'disk-full': 'does not fit on its disk; make room, or choose another disk',
  damaged: 'was not kept: the database, or the copy of it, is damaged',
  failed: 'could not be written',
};

/** What an error of the file system or of SQLite means for a backup. Only its code, or else its text, is looked at. */
export function backupFailed(file: string, error: unknown): BackupFailed {
  if (error instanceof BackupFailed) return error;
  const { code, message } = error instanceof Error ? (error as Error & { code?: unknown }) : { message: String(error) };
  const known = reasons[String(code)] ?? reasons[String(code).split('_').slice(0, 2).join('_')];
  const reason = known ?? 'failed';
  const detail = known === undefined ? ` (${message})` : '';
  return new BackupFailed(reason, `the backup ${file} ${remedies[reason]}${detail}`, { cause: error });
}
