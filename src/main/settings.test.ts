import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadSettings, isLoopback, readSettings } from './settings.ts';

test('has a value for everything', () => {
  expect(readSettings({ HOME: '/root' })).toEqual({
    host: '127.0.0.1',
    port: 8080,
    dataDir: `${process.cwd()}/.countersign`,
    logLevel: 'warn',
    confirmClock: false,
  });
});

test('takes what is set, and an empty value for one that is not', () => {
  const settings = readSettings({
    COUNTERSIGN_LISTEN: '[::]:0',
    COUNTERSIGN_DATA_DIR: '/var/lib/countersign/',
    COUNTERSIGN_DEV_TOKEN: '0123456789abcdef',
    COUNTERSIGN_LOG_LEVEL: '',
    COUNTERSIGN_CONFIRM_CLOCK: 'yes',
  });
  expect(settings).toEqual({
    host: '::',
    port: 0,
    dataDir: '/var/lib/countersign',
    devToken: '0123456789abcdef',
    logLevel: 'warn',
    confirmClock: true,
  });
});

const addresses: [text: string, host: string, port: number][] = [
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['127.1.2.3:1', '127.1.2.3', 1],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:0', '::1', 0],
];

test.each(addresses)('listens at %s without a token', (text, host, port) => {
  expect(readSettings({ COUNTERSIGN_LISTEN: text })).toMatchObject({ host, port });
});

const notAddresses = ['8080', ':8080', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:-1', '127.1:80'];
notAddresses.push('127.0.0.1:80 ', 'example.com:80', '256.0.0.1:80', 'http://127.0.0.1:80', '127.0.0.1:8o');

test.each(notAddresses)('does not take %j for an address and a port', (text) => {
  const env = { COUNTERSIGN_LISTEN: text, COUNTERSIGN_DEV_TOKEN: '0123456789abcdef' };
  expect(problemsOf(env)).toEqual(['COUNTERSIGN_LISTEN must be an address and a port, such as 127.0.0.1:8080']);
});

const beyond = ['0.0.0.0:80', '[::]:80', '10.0.0.1:80', '[::ffff:127.0.0.1]:80', '[fe80::1]:80', '128.0.0.1:80'];

test.each(beyond)('asks for a token before it listens at %s', (text) => {
  expect(problemsOf({ COUNTERSIGN_LISTEN: text })).toEqual([
    'COUNTERSIGN_LISTEN may leave this machine only with COUNTERSIGN_DEV_TOKEN set: development mode shows codes',
  ]);
  const env = { COUNTERSIGN_LISTEN: text, COUNTERSIGN_DEV_TOKEN: '0123456789abcdef' };
  expect(isLoopback(readSettings(env).host)).toBe(false);
});

const badTokens = ['0123456789abcde', 'a token with spaces', '0123456789abcdé€', 'sixteen\tor\tmore\tchars'];

test.each(badTokens)('refuses the token %j, which is too short or fits into no header', (token) => {
  const remedy = 'must be at least 16 characters long, all of them visible ASCII';
  expect(problemsOf({ COUNTERSIGN_DEV_TOKEN: token })).toEqual([`COUNTERSIGN_DEV_TOKEN ${remedy}`]);
});

test('reports every problem at once, and never the value of the token', () => {
  const problems = problemsOf({
    COUNTERSIGN_PROT: '80',
    COUNTERSIGN_LISTEN: 'here',
    COUNTERSIGN_DEV_TOKEN: 'hunter2',
    COUNTERSIGN_LOG_LEVEL: 'debug',
    COUNTERSIGN_CONFIRM_CLOCK: 'true',
  });
  expect(problems).toHaveLength(5);
  expect(problems.join()).not.toContain('hunter2');
});

const names = ['LISTEN', 'DATA_DIR', 'DEV_TOKEN', 'LOG_LEVEL', 'CONFIRM_CLOCK'].map((name) => `COUNTERSIGN_${name}`);

test('finds the setting that was meant by a name with one wrong, missing or added letter', () => {
  const misspelt = fc
    .tuple(fc.constantFrom(...names), fc.nat(), fc.constantFrom('', 'X', 'XX'))
    .map(([name, place, letters]) => {
      const at = 'COUNTERSIGN_'.length + (place % (name.length - 'COUNTERSIGN_'.length));
      return { name, wrong: name.slice(0, at) + letters + name.slice(at + 1) };
    });
  fc.assert(
    fc.property(misspelt, ({ name, wrong }) => {
      expect(problemsOf({ [wrong]: '1' })).toEqual([`${wrong} is no setting; did you mean ${name}?`]);
    }),
  );
});

/** Every problem of settings that cannot be used. */
function problemsOf(env: Readonly<Record<string, string>>): string[] {
  try {
    readSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(BadSettings);
    return (error as BadSettings).message.split('\n');
  }
  throw new Error('these settings were taken');
}
