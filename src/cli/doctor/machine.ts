import { bytesText } from '../layout.ts';
import { bad, type Check, ok, orOk, warn } from './check.ts';
import type { DirectoryFacts, KeyFileFacts, MachineFacts, SettingsFacts } from './facts.ts';

const mebibyte = 1024 ** 2;
const octal = (mode: number) => mode.toString(8).padStart(4, '0');

export function settingsChecks({ problems, mode }: SettingsFacts): readonly Check[] {
  const found = problems.map((line) => bad('settings', line, 'mend the setting; countersign config list has them all'));
  return orOk(found, 'settings', `good, ${mode} mode`);
}

export function directoryChecks(directory: DirectoryFacts): readonly Check[] {
  const name = 'data directory';
  const { path, exists, owner, user, mode, freeBytes } = directory;
  if (!exists) return [warn(name, `${path} does not exist`, 'start the server once, or say --data-dir')];
  const found: Check[] = [];
  if (owner !== user && user !== 0) {
    found.push(bad(name, `${path} belongs to user ${owner}, and this is user ${user}`, `work as user ${owner}`));
  }
  if ((mode & 0o077) !== 0) {
    found.push(bad(name, `${path} is open to others (mode ${octal(mode)})`, `run: chmod 700 ${path}`));
  }
  return [...orOk(found, name, path), ...spaceChecks(freeBytes)];
}

function spaceChecks(freeBytes: number): readonly Check[] {
  const name = 'free space';
  const remedy = 'make room on this disk, or move the data directory to another';
  if (freeBytes < 100 * mebibyte) return [bad(name, `only ${bytesText(freeBytes)} are left`, remedy)];
  if (freeBytes < 1024 * mebibyte) return [warn(name, `only ${bytesText(freeBytes)} are left`, remedy)];
  return [ok(name, bytesText(freeBytes))];
}

export function keyFileChecks({ path, exists, mode, problem, rings }: KeyFileFacts): readonly Check[] {
  const name = 'key file';
  if (!exists) return [bad(name, `${path} does not exist`, 'put the key file back; without it no code can be checked')];
  const found: Check[] = [];
  if ((mode & 0o077) !== 0) {
    found.push(bad(name, `${path} is open to others (mode ${octal(mode)})`, `run: chmod 600 ${path}`));
  }
  if (problem !== null) found.push(bad(name, problem, 'put the key file back as it was written'));
  for (const [ring, ids] of problem === null ? Object.entries(rings) : []) {
    if (ids.length === 0) {
      found.push(bad(name, `the ${ring} ring has no key`, 'put the key file back as it was written'));
    }
  }
  return orOk(found, name, path);
}

export function limitChecks({ openFilesMax, timerLateMs }: MachineFacts): readonly Check[] {
  const files = 'open files';
  const timers = 'timers';
  return [
    openFilesMax !== null && openFilesMax < 4096
      ? warn(files, `a process may have ${openFilesMax} files open`, 'raise it to 4096 or more: ulimit -n, LimitNOFILE')
      : ok(files, openFilesMax === null ? 'no limit' : String(openFilesMax)),
    timerLateMs > 250
      ? warn(timers, `a timer was ${Math.round(timerLateMs)} ms late`, 'give the machine more processor time')
      : ok(timers, `at most ${Math.round(timerLateMs)} ms late`),
  ];
}
