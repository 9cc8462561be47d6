import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

export type SmallFile =
  | { readonly kind: 'read'; readonly text: string; readonly openToOthers: boolean }
  /** Goes on after the name of the file or the setting: "does not exist". */
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads a file of settings or of one secret.
 * @param bytesMax - a longer file is not read: something else was meant
 */
export function readSmallFile(path: string, bytesMax: number): SmallFile {
  let file: number | undefined;
  try {
    // Non-blocking, since the opening of a pipe would otherwise wait for its other end.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return unreadable('is not a regular file');
    if (size > bytesMax) return unreadable(`is larger than ${bytesMax} bytes`);
    const bytes = Buffer.alloc(bytesMax + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
    return { kind: 'read', text, openToOthers: isOpenToOthers(mode) };
  } catch (error) {
    return unreadable(reasonOf(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether anybody but its owner may do anything with a file of this mode. */
export function isOpenToOthers(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is a file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8',
  ERR_INVALID_ARG_VALUE: 'does not exist',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return reasons[code] ?? `cannot be read (${code})`;
}

function unreadable(why: string): SmallFile {
  return { kind: 'unreadable', why };
}
