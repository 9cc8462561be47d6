import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { coachType, pigeonType } from '../../testing/provider-types.ts';
import { defaultLimits } from '../domain/limits.ts';
import { noPrices, priceTable } from '../domain/price.ts';
import { exampleSettings } from './settings/example.ts';
import { providerSettingsList, settingsList } from './settings/list.ts';
import { isLoopback } from './settings/listen.ts';
import type { Mode } from './settings/schema.ts';
import { BadSettings, readSettings, type Settings } from './settings.ts';

let cwd = '';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'countersign-settings-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

type Env = Readonly<Record<string, string>>;

function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(cwd, name), text);
  chmodSync(join(cwd, name), mode);
}

function read(mode: Mode, env: Env = {}, yaml?: string): Settings {
  if (yaml !== undefined) write('countersign.yaml', yaml);
  return readSettings({ mode, env, cwd, providerTypes: [pigeonType, coachType] });
}

/** Every problem of settings that cannot be used. */
function problemsOf(attempt: () => unknown): readonly string[] {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(BadSettings);
    return (error as BadSettings).problems;
  }
  throw new Error('these settings were taken');
}

const production = { COUNTERSIGN_DATA_DIR: '/srv/countersign' };

const presets = {
  listen: { host: '127.0.0.1', port: 8080 },
  confirmClock: false,
  trustedProxies: [],
  callbacks: { ports: [], refused: [], allowed: [] },
  providers: [],
  routes: {},
  retention: { recipientDays: 30, auditDays: 365 },
  sessions: { absoluteHours: 12, idleMinutes: 15, halfOpenMinutes: 10 },
  limits: defaultLimits,
  prices: noPrices,
  rates: { apiKey: 100, tenantCreates: 20, tenantChecks: 200 },
  faces: {
    smsworks: { keyIssue: false, countryCode: 44, tokenLifetimeSeconds: 31_536_000 },
    metal: { issuer: 'Metal' },
  },
};

test('has a value for everything in development mode', () => {
  const dataDir = join(cwd, '.countersign');
  expect(read('development', { HOME: '/root', COUNTERSIGN_LOG_LEVEL: '' })).toEqual({
    ...presets,
    mode: 'development',
    dataDir,
    databaseFile: join(dataDir, 'countersign.db'),
    keyFile: join(dataDir, 'keys.json'),
    logLevel: 'warn',
    faces: { ...presets.faces, smsworks: { ...presets.faces.smsworks, keyIssue: true } },
  });
});

test('asks for nothing but the data directory in production', () => {
  expect(read('production', production)).toEqual({
    ...presets,
    mode: 'production',
    dataDir: '/srv/countersign',
    databaseFile: '/srv/countersign/countersign.db',
    keyFile: '/srv/countersign/keys.json',
    logLevel: 'info',
  });
});

const everything = `
listen: 0.0.0.0:443
dataDir: data
databaseUrl: sqlite:data/other.db
keyFile: data/ring.json
publicUrl: https://verify.your-company.com/codes/
logLevel: error
confirmClock: yes
operationsToken: an-operations-token-of-32-letters
trustedProxies: [10.0.0.0/8, 'fd00::1']
providers:
  mail-eu:
    type: pigeon
    host: loft
    password: feed them corn
    alsoVoice: true
    flight: { seconds: 2.5 }
  post: { type: coach }
routes:
  sms: [mail-eu]
  email: [post]
  voice: []
retention: { recipientDays: 400 }
limits:
  recipientSends: [{ count: 1, seconds: 60 }]
prices:
  currency: USD
  table:
    - { channel: sms, country: FR, perPart: 0.045 }
    - { channel: email, country: '*', perPart: 0 }
rates:
  apiKey: 5
faces:
  smsworks: { keyIssue: yes, countryCode: 33 }
  metal: { issuer: Acme Cloud, tenant: 0192f000-0000-7000-8000-00000000000a }
`;

test('takes everything from a file', () => {
  const { providers, ...rest } = read('production', {}, everything);
  const { providers: _, ...others } = presets;
  expect(rest).toEqual({
    ...others,
    mode: 'production',
    listen: { host: '0.0.0.0', port: 443 },
    dataDir: join(cwd, 'data'),
    databaseFile: join(cwd, 'data/other.db'),
    keyFile: join(cwd, 'data/ring.json'),
    publicUrl: 'https://verify.your-company.com/codes',
    logLevel: 'error',
    confirmClock: true,
    operationsToken: 'an-operations-token-of-32-letters',
    trustedProxies: ['10.0.0.0/8', 'fd00::1'],
    routes: { sms: ['mail-eu'], email: ['post'] },
    retention: { recipientDays: 400, auditDays: 365 },
    limits: { ...defaultLimits, recipientSends: [{ count: 1, seconds: 60 }] },
    prices: priceTable('USD', [
      { channel: 'sms', country: 'FR', perPartMicros: 45_000 },
      { channel: 'email', country: '*', perPartMicros: 0 },
    ]),
    rates: { ...presets.rates, apiKey: 5 },
    faces: {
      smsworks: { ...presets.faces.smsworks, keyIssue: true, countryCode: 33 },
      metal: { issuer: 'Acme Cloud', tenant: '0192f000-0000-7000-8000-00000000000a' },
    },
  });
  expect(providers.map(({ name, type, channels }) => ({ name, type, channels }))).toEqual([
    { name: 'mail-eu', type: 'pigeon', channels: ['sms', 'voice'] },
    { name: 'post', type: 'coach', channels: ['email'] },
  ]);
  expect(providers.map((provider) => provider.create().name)).toEqual(['mail-eu@loft', 'post']);
  expect(JSON.stringify(providers)).not.toContain('corn');
});

test('a variable goes before the file, whatever its type', () => {
  const env = {
    COUNTERSIGN_LISTEN: '[::1]:0',
    COUNTERSIGN_CONFIRM_CLOCK: 'false',
    COUNTERSIGN_DATA_DIR: '/srv/other',
    COUNTERSIGN_TRUSTED_PROXIES: '192.0.2.1, 192.0.2.2',
    COUNTERSIGN_ROUTES_SMS: 'third',
    COUNTERSIGN_RETENTION_RECIPIENT_DAYS: '7',
    COUNTERSIGN_LIMITS_RECIPIENT_SENDS: '[{"count": 2, "seconds": 30}]',
    COUNTERSIGN_PROVIDERS_MAIL_EU_HOST: 'elsewhere',
    COUNTERSIGN_PROVIDERS_POST_TYPE: 'coach',
    COUNTERSIGN_PROVIDERS_POST_WHEEL_TYPE: 'oak',
    COUNTERSIGN_PROVIDERS_THIRD_TYPE: 'pigeon',
    COUNTERSIGN_PROVIDERS_THIRD_HOST: 'third',
    COUNTERSIGN_PROVIDERS_THIRD_PASSWORD: 'twelve or more',
    COUNTERSIGN_PROVIDERS_THIRD_FLIGHT_SECONDS: '0.5',
  };
  const { providers, ...settings } = read('production', env, everything);
  expect(settings).toMatchObject({
    listen: { host: '::1', port: 0 },
    confirmClock: false,
    dataDir: '/srv/other',
    databaseFile: join(cwd, 'data/other.db'),
    trustedProxies: ['192.0.2.1', '192.0.2.2'],
    routes: { sms: ['third'] },
    retention: { recipientDays: 7, auditDays: 365 },
    limits: { recipientSends: [{ count: 2, seconds: 30 }] },
  });
  expect(providers.map((provider) => provider.create().name)).toEqual(['mail-eu@elsewhere', 'post', 'third@third']);
});

test('reads the file that --config names, before the one of the variable and the one in the directory', () => {
  write('countersign.yaml', 'listen: 127.0.0.1:1');
  write('two.yaml', 'listen: 127.0.0.1:2');
  write('three.yaml', 'listen: 127.0.0.1:3');
  const portOf = (env: Env, configFile?: string) =>
    readSettings({ mode: 'development', env, cwd, configFile, providerTypes: [] }).listen.port;
  expect(portOf({})).toBe(1);
  expect(portOf({ COUNTERSIGN_CONFIG: '' })).toBe(1);
  expect(portOf({ COUNTERSIGN_CONFIG: 'two.yaml' })).toBe(2);
  expect(portOf({ COUNTERSIGN_CONFIG: 'two.yaml' }, join(cwd, 'three.yaml'))).toBe(3);
});

test.each([
  '',
  '# nothing\n',
  '---\n',
  'retention:\nproviders:\n  # none\nroutes: {}\n',
  '\ufefflisten: 127.0.0.1:8080\n',
])('a file that sets nothing is as good as none: %j', (yaml) => {
  expect(read('development', {}, yaml)).toMatchObject({ listen: { port: 8080 }, retention: { recipientDays: 30 } });
});

const addresses: [text: string, host: string, port: number][] = [
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['127.1.2.3:1', '127.1.2.3', 1],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:0', '::1', 0],
];

test.each(addresses)('listens at %s without a token', (text, host, port) => {
  expect(read('development', { COUNTERSIGN_LISTEN: text }).listen).toEqual({ host, port });
});

const notAddresses = ['8080', ':8080', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:-1', '127.1:80'];
notAddresses.push('127.0.0.1:80 ', 'example.com:80', '256.0.0.1:80', 'http://127.0.0.1:80', '127.0.0.1:8o');

test.each(notAddresses)('does not take %j for an address and a port', (text) => {
  const env = { COUNTERSIGN_LISTEN: text, COUNTERSIGN_DEV_TOKEN: '0123456789abcdef' };
  expect(problemsOf(() => read('development', env))).toEqual([
    'COUNTERSIGN_LISTEN must be an address and a port, such as 127.0.0.1:8080',
  ]);
});

const beyond = ['0.0.0.0:80', '[::]:80', '10.0.0.1:80', '[::ffff:127.0.0.1]:80', '[fe80::1]:80', '128.0.0.1:80'];

test.each(beyond)('development mode asks for a token before it listens at %s, production does not', (text) => {
  const env = { COUNTERSIGN_LISTEN: text };
  expect(problemsOf(() => read('development', env))).toEqual([
    'COUNTERSIGN_LISTEN may leave this machine only with COUNTERSIGN_DEV_TOKEN set: development mode shows codes',
  ]);
  const { listen } = read('development', { ...env, COUNTERSIGN_DEV_TOKEN: '0123456789abcdef' });
  expect(isLoopback(listen.host)).toBe(false);
  expect(read('production', { ...env, ...production }).listen).toEqual(listen);
  write('token', '0123456789abcdef\n');
  expect(read('development', { ...env, COUNTERSIGN_DEV_TOKEN_FILE: 'token' }).listen).toEqual(listen);
});

const badTokens = ['0123456789abcde', 'a token with spaces', '0123456789abcdé€', 'sixteen\tor\tmore\tchars'];

test.each(badTokens)('refuses the token %j, which is too short or fits into no header', (token) => {
  const remedy = 'must be at least 16 characters long, all of them visible ASCII';
  expect(problemsOf(() => read('development', { COUNTERSIGN_DEV_TOKEN: token }))).toEqual([
    `COUNTERSIGN_DEV_TOKEN ${remedy}`,
  ]);
});

const smallest = 'dataDir: /srv/countersign\n';
const pigeon = `${smallest}providers:\n  mail:\n    type: pigeon\n    host: loft\n    password: feed them corn\n`;
const long = `/srv/${'x'.repeat(90)}`;

/** What is wrong in production, with the lines that must say so. */
const bad: [sentence: string, yaml: string, env: Env, lines: string[]][] = [
  ['no data directory', '', {}, ['dataDir (COUNTERSIGN_DATA_DIR) is required']],
  [
    'an unknown key',
    `${smallest}lisen: 127.0.0.1:80\n`,
    {},
    ['lisen in countersign.yaml line 2 is no setting; did you mean listen?'],
  ],
  [
    'a key with a dot in it',
    `${smallest}retention.auditDays: 40\n`,
    {},
    ['retention.auditDays in countersign.yaml line 2 is no setting; did you mean retention?'],
  ],
  [
    'an unknown key in a group',
    `${smallest}retention:\n  auditDay: 40\n`,
    {},
    ['retention.auditDay in countersign.yaml line 3 is no setting; did you mean retention.auditDays?'],
  ],
  [
    'an unknown key that may be anything',
    `${smallest}"hunter2 is my password": 1\n`,
    {},
    ['* in countersign.yaml line 2 is no setting'],
  ],
  ['a merge key', `${smallest}<<: {listen: 1}\n`, {}, ['* in countersign.yaml line 2 is no setting']],
  [
    'an unknown variable',
    smallest,
    { COUNTERSIGN_PUBLIC_URI: 'x' },
    ['COUNTERSIGN_PUBLIC_URI is no setting; did you mean COUNTERSIGN_PUBLIC_URL?'],
  ],
  [
    'a value where a group belongs',
    `${smallest}rates: 5\n`,
    {},
    ['rates in countersign.yaml line 2 must hold settings of its own, indented below it'],
  ],
  [
    'a key without a value',
    `${smallest}listen:\n`,
    {},
    ['listen in countersign.yaml line 2 has no value; give it one, or remove it'],
  ],
  [
    'a number where a text belongs',
    'dataDir: 5\n',
    {},
    [
      'dataDir in countersign.yaml line 1 must be text, and not empty; put it in quotes if it looks like something else',
    ],
  ],
  [
    'days beyond their range',
    `${smallest}retention:\n  recipientDays: 401\n  auditDays: 29\n`,
    {},
    [
      'retention.recipientDays in countersign.yaml line 3 must be a whole number from 1 to 400',
      'retention.auditDays in countersign.yaml line 4 must be a whole number from 30 to 3650',
    ],
  ],
  [
    'numbers of variables that are none',
    smallest,
    { COUNTERSIGN_RATES_API_KEY: '1e3', COUNTERSIGN_RATES_TENANT_CREATES: '2.5', COUNTERSIGN_RATES_TENANT_CHECKS: '0' },
    ['API_KEY', 'TENANT_CREATES', 'TENANT_CHECKS'].map(
      (name) => `COUNTERSIGN_RATES_${name} must be a whole number from 1 to 100000`,
    ),
  ],
  [
    'yes and no said otherwise',
    smallest,
    { COUNTERSIGN_CONFIRM_CLOCK: 'maybe' },
    ['COUNTERSIGN_CONFIRM_CLOCK must be yes or no'],
  ],
  [
    'a level that is none',
    `${smallest}logLevel: debug\n`,
    {},
    ['logLevel in countersign.yaml line 2 must be one of error, warn, info, silent'],
  ],
  [
    'limits without a count, with one too many and one too long',
    `${smallest}limits:\n  recipientSends:\n    - {seconds: 60}\n    - {count: 1, seconds: 60, unit: 1}\n    - count: 1\n      seconds: 90000\n`,
    {},
    [
      'limits.recipientSends[0] in countersign.yaml line 4 must hold count, seconds and nothing else',
      'limits.recipientSends[1] in countersign.yaml line 5 must hold count, seconds and nothing else',
      'limits.recipientSends[2].seconds in countersign.yaml line 7 must be a whole number from 1 to 86400',
    ],
  ],
  [
    'limits that are no list',
    `${smallest}limits:\n  recipientSends: []\n`,
    { COUNTERSIGN_LIMITS_ADDRESS_CREATES: '5 in 10' },
    [
      'limits.recipientSends in countersign.yaml line 3 must be a list from 1 to 8 entries, each {count, seconds}; in a variable, as JSON',
      'COUNTERSIGN_LIMITS_ADDRESS_CREATES must be a list from 1 to 8 entries, each {count, seconds}; in a variable, as JSON',
    ],
  ],
  [
    'a limit in JSON with a key twice',
    smallest,
    { COUNTERSIGN_LIMITS_ADDRESS_CREATES: '[{"count":1,"count":9,"seconds":5}]' },
    [
      'COUNTERSIGN_LIMITS_ADDRESS_CREATES must be a list from 1 to 8 entries, each {count, seconds}; in a variable, as JSON',
    ],
  ],
  [
    'proxies that are no addresses',
    `${smallest}trustedProxies:\n  - 10.0.0.1\n  - 10.0.0.0/33\n`,
    {},
    ['trustedProxies[1] in countersign.yaml line 4 must be an IP address or a range such as 10.0.0.0/8'],
  ],
  [
    'a proxy of a variable that is no address',
    smallest,
    { COUNTERSIGN_TRUSTED_PROXIES: 'proxy.local,::1' },
    ['COUNTERSIGN_TRUSTED_PROXIES[0] must be an IP address or a range such as 10.0.0.0/8'],
  ],
  [
    'a public URL in clear',
    `${smallest}publicUrl: http://verify.your-company.com\n`,
    {},
    ['publicUrl in countersign.yaml line 2 must begin with https:// outside development mode'],
  ],
  ...[
    'verify.your-company.com',
    'https://ada:pw@here.com',
    'https://here.com/?a',
    'ftp://here.com',
    'https://here.com/#a',
  ].map((url): [string, string, Env, string[]] => [
    `the public URL ${url}`,
    smallest,
    { COUNTERSIGN_PUBLIC_URL: url },
    ['COUNTERSIGN_PUBLIC_URL must be a URL without a query, such as https://verify.your-company.com'],
  ]),
  [
    'another database',
    smallest,
    { COUNTERSIGN_DATABASE_URL: 'postgres://ada:hunter2@db/x' },
    ['COUNTERSIGN_DATABASE_URL names PostgreSQL, which is not yet supported; use sqlite: and a path'],
  ],
  ...['sqlite:', 'sqlite://db/x', 'sqlite::memory:', 'mysql:x', 'x.db', 'sqlite:x.db?mode=memory'].map(
    (url): [string, string, Env, string[]] => [
      `the database ${url}`,
      `${smallest}databaseUrl: "${url}"\n`,
      {},
      [
        'databaseUrl in countersign.yaml line 2 must be sqlite: and a path, such as sqlite:/var/lib/countersign/countersign.db',
      ],
    ],
  ),
  [
    'keys and a key file',
    `${smallest}keyFile: keys.json\n`,
    { COUNTERSIGN_KEYS: '{}' },
    ['COUNTERSIGN_KEYS and keyFile in countersign.yaml line 2 are both set; keep one of them'],
  ],
  [
    'a token of development mode',
    `${smallest}devToken: short\n`,
    {},
    ['devToken in countersign.yaml line 2 is known to development mode only; remove it'],
  ],
  [
    'a short token for operators',
    smallest,
    { COUNTERSIGN_OPERATIONS_TOKEN: 'x'.repeat(31) },
    ['COUNTERSIGN_OPERATIONS_TOKEN must be at least 32 characters long, all of them visible ASCII'],
  ],
  ...[
    'changeme-changeme-changeme-changeme',
    'Example-Token-for-you-and-me-1234567',
    'xxxxxxxxxxxxxxxxxxxxxxxxSECRET123',
  ].map((token): [string, string, Env, string[]] => [
    `the sample ${token}`,
    smallest,
    { COUNTERSIGN_OPERATIONS_TOKEN: token },
    ['COUNTERSIGN_OPERATIONS_TOKEN is a sample and no secret; put one of your own in its place'],
  ]),
  [
    'a data directory too long for a socket in it',
    '',
    { COUNTERSIGN_DATA_DIR: long },
    ['COUNTERSIGN_DATA_DIR is too long: with /control.sock it must have at most 100 bytes'],
  ],
  [
    'providers that are none',
    `${smallest}providers: [mail]\n`,
    {},
    ['providers in countersign.yaml line 2 must hold settings of its own, indented below it'],
  ],
  [
    'a provider that is none, and one with a bad name',
    `${smallest}providers:\n  mail: pigeon\n  Mail_EU: {type: coach}\n`,
    {},
    [
      'providers.mail in countersign.yaml line 3 must hold settings of its own, indented below it',
      'a name in providers in countersign.yaml line 4 must begin with a letter and be lower-case letters, digits and hyphens, at most 32',
    ],
  ],
  [
    'a provider without a type',
    `${smallest}providers:\n  mail:\n    hots: loft\n`,
    {},
    ['providers.mail.type (COUNTERSIGN_PROVIDERS_MAIL_TYPE) is required; it must be one of pigeon, coach'],
  ],
  [
    'a type of provider that nobody knows, whose other settings nobody can check',
    `${smallest}providers:\n  mail:\n    type: pidgin\n    hots: loft\nroutes:\n  sms: [mail]\n`,
    { COUNTERSIGN_PROVIDERS_MAIL_PASSWORD: 'x' },
    ['providers.mail.type in countersign.yaml line 4 is no type of provider; did you mean pigeon?'],
  ],
  [
    'settings of a provider',
    `${smallest}providers:\n  mail:\n    type: pigeon\n    hots: loft\n    port: 70000\n    security: maybe\n    flight: { seconds: 0.1, hours: 1 }\n`,
    { COUNTERSIGN_PROVIDERS_MAIL_PASSWORT: 'x' },
    [
      'COUNTERSIGN_PROVIDERS_MAIL_PASSWORT is no setting; did you mean COUNTERSIGN_PROVIDERS_MAIL_PASSWORD?',
      'providers.mail.hots in countersign.yaml line 5 is no setting; did you mean providers.mail.host?',
      'providers.mail.flight.hours in countersign.yaml line 8 is no setting; did you mean providers.mail.flight.seconds?',
      'providers.mail.host (COUNTERSIGN_PROVIDERS_MAIL_HOST) is required',
      'providers.mail.port in countersign.yaml line 6 must be a whole number from 1 to 65535',
      'providers.mail.password (COUNTERSIGN_PROVIDERS_MAIL_PASSWORD) is required; it may also be in a file that passwordFile names',
      'providers.mail.security in countersign.yaml line 7 must be one of ring, none',
      'providers.mail.flight.seconds in countersign.yaml line 8 must be a number from 0.5 to 60',
    ],
  ],
  [
    'a password that is too short',
    pigeon,
    { COUNTERSIGN_PROVIDERS_MAIL_PASSWORD: 'hunter2' },
    ['COUNTERSIGN_PROVIDERS_MAIL_PASSWORD must be text of at least 12 characters'],
  ],
  [
    'what the type of a provider itself refuses',
    pigeon,
    { COUNTERSIGN_PROVIDERS_MAIL_SECURITY: 'none' },
    ['COUNTERSIGN_PROVIDERS_MAIL_SECURITY must be ring outside development mode'],
  ],
  [
    'a variable of a provider where there is none',
    smallest,
    { COUNTERSIGN_PROVIDERS_MAIL_HOST: 'loft' },
    [
      'COUNTERSIGN_PROVIDERS_MAIL_HOST is of no provider; name one in providers, or set COUNTERSIGN_PROVIDERS_<NAME>_TYPE',
    ],
  ],
  [
    'a variable that is of two providers',
    `${pigeon}  mail-also: {type: coach}\n`,
    { COUNTERSIGN_PROVIDERS_MAIL_ALSO_VOICE: 'yes' },
    [
      'COUNTERSIGN_PROVIDERS_MAIL_ALSO_VOICE stands for providers.mail.alsoVoice and providers.mail-also.voice; rename one of the providers',
    ],
  ],
  [
    'routes to providers that are missing, misspelt, twice there or carry something else',
    `${pigeon}routes:\n  sms: [mial]\n  voice: [mail]\n  email: [mail, mail]\n  whatsapp: ["my password"]\n  fax: [mail]\n`,
    {},
    [
      'routes.fax in countersign.yaml line 12 is no setting; did you mean routes.sms?',
      'routes.email in countersign.yaml line 10 must not name the same twice',
      'routes.whatsapp[0] in countersign.yaml line 11 must be the name of a provider',
      'routes.sms in countersign.yaml line 8 names mial, which is no provider; did you mean mail?',
      'routes.voice in countersign.yaml line 9 names mail, which carries sms and not voice',
    ],
  ],
  [
    'a route where there is no provider',
    smallest,
    { COUNTERSIGN_ROUTES_SMS: 'mail' },
    ['COUNTERSIGN_ROUTES_SMS names mail, which is no provider'],
  ],
  [
    'prices that are none, of no country, of no channel, or too fine',
    `${smallest}prices:\n  currency: Euro\n  table:\n    - { channel: sms, country: FR, perPart: -1 }\n    - { channel: fax, country: XX, perPart: 0.0000001 }\n    - { channel: sms, perPart: 1 }\n`,
    {},
    [
      'prices.currency in countersign.yaml line 3 must be three capital letters, such as EUR',
      'prices.table[2] in countersign.yaml line 7 must hold channel, country, perPart and nothing else',
      'prices.table[0].perPart in countersign.yaml line 5 must be a number from 0 to 1000 with at most six decimals',
      'prices.table[1].channel in countersign.yaml line 6 must be one of sms, email, voice, whatsapp, telegram',
      'prices.table[1].country in countersign.yaml line 6 must be an ISO 3166 country of two capital letters, such as FR, or *',
      'prices.table[1].perPart in countersign.yaml line 6 must be a number from 0 to 1000 with at most six decimals',
    ],
  ],
  [
    'prices that are there twice, or of a country that addresses are not of',
    smallest,
    {
      COUNTERSIGN_PRICES_TABLE:
        '[{"channel":"sms","country":"FR","perPart":1},{"channel":"sms","country":"FR","perPart":2},{"channel":"email","country":"FR","perPart":1}]',
    },
    [
      'COUNTERSIGN_PRICES_TABLE has sms to FR twice; keep one of them',
      'COUNTERSIGN_PRICES_TABLE names FR for email, which is of no country; write * there',
    ],
  ],
  [
    'a file that is a list',
    '- listen\n',
    {},
    ['countersign.yaml line 1 column 1: it must hold settings, such as listen: 127.0.0.1:8080'],
  ],
  [
    'a key that is there twice',
    'dataDir: a\nlisten: b\ndataDir: c\n',
    {},
    ['countersign.yaml line 3 column 1: this key is there twice; keep one'],
  ],
  [
    'a bracket that is not closed',
    'dataDir: a\ntrustedProxies: [hunter2\nlisten: b\n',
    {},
    ['countersign.yaml line 3 column 1: the line is not indented as its neighbours are'],
  ],
  [
    'a tab',
    'retention:\n\tauditDays: 30\n',
    {},
    ['countersign.yaml line 2 column 1: a tab indents the line; use spaces'],
  ],
  [
    'tags',
    'dataDir: !hunter2 x\nlisten: !!binary aGk=\n',
    {},
    [1, 2].map(
      (line) =>
        `countersign.yaml line ${line} column ${line === 1 ? 10 : 9}: tags are not taken; remove what begins with !`,
    ),
  ],
  [
    'anchors and aliases',
    'dataDir: &here /srv\nlisten: *here\n',
    {},
    ['line 1 column 16', 'line 2 column 9'].map(
      (place) => `countersign.yaml ${place}: anchors and aliases are not taken; write the value out`,
    ),
  ],
  [
    'a second document',
    'dataDir: a\n---\nlisten: b\n',
    {},
    ['countersign.yaml line 2 column 1: there is more than one document; remove what follows ---'],
  ],
  [
    'a quote that is not closed',
    'dataDir: "hunter2\n',
    {},
    ['countersign.yaml line 2 column 1: a quote, bracket, comma or colon is missing'],
  ],
];

test.each(bad)('says in a line each what is wrong with %s', (_, yaml, env, lines) => {
  expect(problemsOf(() => read('production', env, yaml))).toEqual(lines);
});

test('reports every problem of all sources at once, and no value of a secret', () => {
  const yaml = `${smallest}lisen: x\noperationsToken: hunter2\nkeys: hunter2\nkeyFile: hunter2\nproviders:\n  mail: {type: pigeon, password: hunter2}\n`;
  const env = {
    COUNTERSIGN_PROT: '80',
    COUNTERSIGN_LISTEN: 'hunter2',
    COUNTERSIGN_DEV_TOKEN: 'hunter2',
    COUNTERSIGN_LOG_LEVEL: 'hunter2',
    COUNTERSIGN_CONFIRM_CLOCK: 'hunter2',
    COUNTERSIGN_PROVIDERS_MAIL_PASSWORD_FILE: 'hunter2',
  };
  const problems = problemsOf(() => read('production', env, yaml));
  expect(problems).toHaveLength(10);
  expect(problems.join()).not.toContain('hunter2');
  expect(new BadSettings(problems).message.split('\n')).toEqual(problems);
});

test('finds the setting that was meant by a name with one wrong, missing or added letter', () => {
  const names = settingsList().map(({ variable }) => variable);
  const misspelt = fc
    .tuple(fc.constantFrom(...names), fc.nat(), fc.constantFrom('', 'Q', 'QQ'))
    .map(([name, place, letters]) => {
      const at = 'COUNTERSIGN_'.length + (place % (name.length - 'COUNTERSIGN_'.length));
      return { name, wrong: name.slice(0, at) + letters + name.slice(at + 1) };
    })
    // One wrong letter of a name is not to give another name.
    .filter(({ wrong }) => !names.includes(wrong));
  fc.assert(
    fc.property(misspelt, ({ name, wrong }) => {
      const env = { COUNTERSIGN_DATA_DIR: '/srv/countersign', [wrong]: '1' };
      expect(problemsOf(() => read('production', env))).toEqual([`${wrong} is no setting; did you mean ${name}?`]);
    }),
  );
});

const secretOf = (password: string) =>
  `${smallest}providers:\n  mail:\n    type: pigeon\n    host: loft\n    ${password}\n`;

test('takes a secret from a file, without the space around it', () => {
  write('secret', '  feed them corn \n');
  write('token', 'an-operations-token-of-32-letters', 0o400);
  const env = { COUNTERSIGN_OPERATIONS_TOKEN_FILE: join(cwd, 'token') };
  const settings = read('production', env, secretOf('passwordFile: secret'));
  expect(settings.operationsToken).toBe('an-operations-token-of-32-letters');
  expect(settings.providers[0]?.create().name).toBe('mail@loft');
});

const where = 'providers.mail.passwordFile in countersign.yaml line 6';

/** Spoils the file `secret` that passwordFile names, with the lines that must say so. */
const secretFiles: [sentence: string, spoil: () => Env | undefined, lines: string[]][] = [
  [
    'that does not exist',
    () => rmSync(join(cwd, 'secret')) as undefined,
    [`${where} names a file that does not exist`],
  ],
  [
    'that its group may read',
    () => chmodSync(join(cwd, 'secret'), 0o640) as undefined,
    [`${where} names a file that others may read; run chmod 600 on it`],
  ],
  [
    'that others may write',
    () => chmodSync(join(cwd, 'secret'), 0o602) as undefined,
    [`${where} names a file that others may read; run chmod 600 on it`],
  ],
  ['that is empty', () => write('secret', ' \n') as undefined, [`${where} names a file that is empty`]],
  [
    'that is a folder',
    () => {
      rmSync(join(cwd, 'secret'));
      mkdirSync(join(cwd, 'secret'));
      return undefined;
    },
    [`${where} names a file that is not a regular file`],
  ],
  [
    'that is a pipe',
    () => {
      rmSync(join(cwd, 'secret'));
      execFileSync('mkfifo', ['-m', '600', join(cwd, 'secret')]);
      return undefined;
    },
    [`${where} names a file that is not a regular file`],
  ],
  [
    'that is far too long',
    () => write('secret', 'x'.repeat(65_537)) as undefined,
    [`${where} names a file that is larger than 65536 bytes`],
  ],
  [
    'that is no text',
    () => writeFileSync(join(cwd, 'secret'), Buffer.from([0xff, 0xfe])) as undefined,
    [`${where} names a file that is not UTF-8`],
  ],
  [
    'that holds a sample',
    () => write('secret', 'changeme changeme') as undefined,
    [`${where} is a sample and no secret; put one of your own in its place`],
  ],
  [
    'that holds too little',
    () => write('secret', 'hunter2') as undefined,
    [`${where} must be text of at least 12 characters`],
  ],
  [
    'while the secret itself is set',
    () => ({ COUNTERSIGN_PROVIDERS_MAIL_PASSWORD: 'feed them corn' }),
    [`COUNTERSIGN_PROVIDERS_MAIL_PASSWORD and ${where} are both set; keep one of them`],
  ],
];

test.each(secretFiles)('refuses the file of a secret %s', (_, spoil, lines) => {
  write('secret', 'feed them corn');
  const env = spoil() ?? {};
  expect(problemsOf(() => read('production', env, secretOf('passwordFile: secret')))).toEqual(lines);
});

test.each(['development', 'production'] as const)(
  'refuses a secret in a settings file that others may read, in %s mode, and nothing else in it',
  (mode) => {
    write('open.yaml', secretOf('password: feed them corn'), 0o644);
    write('harmless.yaml', smallest, 0o644);
    const readFrom = (configFile: string, env = {}) =>
      readSettings({ mode, env, cwd, configFile, providerTypes: [pigeonType] });
    const problems = [
      'providers.mail.password in open.yaml line 6 is a secret in a file that others may read; run chmod 600 open.yaml',
    ];
    expect(problemsOf(() => readFrom('open.yaml'))).toEqual(problems);
    const overridden = { COUNTERSIGN_PROVIDERS_MAIL_PASSWORD: 'another password' };
    expect(problemsOf(() => readFrom('open.yaml', overridden))).toEqual(problems);
    expect(readFrom('harmless.yaml').dataDir).toBe('/srv/countersign');
  },
);

test('refuses a key file that others may read, and takes none for one that will be made', () => {
  const keyFile = join(cwd, 'keys.json');
  write('keys.json', '{}', 0o604);
  expect(problemsOf(() => read('production', { COUNTERSIGN_DATA_DIR: cwd }))).toEqual([
    `keyFile (COUNTERSIGN_KEY_FILE) is a file that others may read; run chmod 600 ${keyFile}`,
  ]);
  expect(problemsOf(() => read('production', { ...production, COUNTERSIGN_KEY_FILE: 'keys.json' }))).toEqual([
    `COUNTERSIGN_KEY_FILE is a file that others may read; run chmod 600 ${keyFile}`,
  ]);
  expect(read('production', { ...production, COUNTERSIGN_KEYS: '{"pepper":1}' }).keys).toBe('{"pepper":1}');
  chmodSync(keyFile, 0o600);
  expect(read('production', { COUNTERSIGN_DATA_DIR: cwd }).keyFile).toBe(keyFile);
  rmSync(keyFile);
  expect(read('production', { COUNTERSIGN_DATA_DIR: cwd }).keyFile).toBe(keyFile);
});

const missing: [sentence: string, env: Env, configFile: string | undefined, line: string][] = [
  ['--config', {}, 'no.yaml', '--config: the settings file no.yaml does not exist'],
  [
    'the variable',
    { COUNTERSIGN_CONFIG: 'no.yaml' },
    undefined,
    'COUNTERSIGN_CONFIG: the settings file no.yaml does not exist',
  ],
  ['--config, a folder', {}, '.', '--config: the settings file . is not a regular file'],
];

test.each(missing)('refuses a file that cannot be read: %s', (_, env, configFile, line) => {
  expect(problemsOf(() => readSettings({ mode: 'production', env, cwd, configFile, providerTypes: [] }))).toEqual([
    line,
  ]);
});

test('a file of aliases upon aliases is refused at once', () => {
  const levels = Array.from({ length: 30 }, (_, at) => `a${at}: &a${at} [${`*a${at - 1},`.repeat(at === 0 ? 0 : 9)}1]`);
  const problems = problemsOf(() => read('production', production, levels.join('\n')));
  expect(problems[0]).toBe('countersign.yaml line 1 column 9: anchors and aliases are not taken; write the value out');
});

test('a file that is nested without end is refused', () => {
  const problems = problemsOf(() => read('production', production, `routes: ${'['.repeat(50_000)}`));
  expect(problems[0]).toMatch(/^countersign\.yaml line 1 column \d+: /);
});

/** The example as somebody would fill it in. */
function uncommented(text: string): string {
  return text.replace(/^( *)#(?=[a-z])/gm, '$1').replace(/changeme$/gm, () => 'r4ndom-letters-that-are-long-enough');
}

test('the example is valid as it is, but for what it requires', () => {
  const example = exampleSettings([pigeonType, coachType]);
  expect(read('production', {}, example)).toEqual(
    read('production', { COUNTERSIGN_DATA_DIR: '/var/lib/countersign' }, ''),
  );
});

test('the example is valid with everything uncommented, once its samples are replaced', () => {
  const example = exampleSettings([pigeonType, coachType]);
  const settings = read('production', {}, uncommented(example));
  expect(settings).toMatchObject({
    dataDir: '/var/lib/countersign',
    publicUrl: 'https://verify.your-company.com',
    operationsToken: 'r4ndom-letters-that-are-long-enough',
    routes: { sms: ['pigeon'], email: ['coach'] },
    limits: defaultLimits,
    rates: presets.rates,
  });
  expect(settings.providers.map(({ name }) => name)).toEqual(['pigeon', 'coach']);

  const samples = example.replace(/^( *)#(?=[a-z])/gm, '$1');
  const remedy = 'is a sample and no secret; put one of your own in its place';
  expect(problemsOf(() => read('production', {}, samples)).map((line) => line.replace(/ line \d+/, ''))).toEqual([
    `operationsToken in countersign.yaml must be at least 32 characters long, all of them visible ASCII`,
    `providers.pigeon.password in countersign.yaml must be text of at least 12 characters`,
  ]);
  const longer = samples.replace(/changeme$/gm, () => 'changeme-changeme-changeme-changeme');
  expect(problemsOf(() => read('production', {}, longer)).map((line) => line.replace(/ line \d+/, ''))).toEqual([
    `operationsToken in countersign.yaml ${remedy}`,
    `providers.pigeon.password in countersign.yaml ${remedy}`,
  ]);
});

test('the example and the list name and describe every setting', () => {
  const lines = exampleSettings([]).replaceAll('`', '').split('\n');
  for (const { key, variable, default: preset, description } of settingsList()) {
    const name = key.split('.').at(-1) ?? '';
    expect(lines.some((line) => line.trim().replace(/^#/, '').trim().startsWith(`${name}:`))).toBe(true);
    expect(lines.some((line) => line.includes(description.replaceAll('`', '')))).toBe(true);
    expect([variable.startsWith('COUNTERSIGN_'), preset !== '', description !== '']).toEqual([true, true, true]);
  }
  expect(settingsList()).toContainEqual({
    key: 'logLevel',
    variable: 'COUNTERSIGN_LOG_LEVEL',
    default: '`info`; `warn` in development mode',
    description: '`error`, `warn`, `info` or `silent`; one JSON object a line, on standard error',
  });
  expect(providerSettingsList(pigeonType)).toContainEqual({
    key: 'providers.<name>.password',
    variable: 'COUNTERSIGN_PROVIDERS_<NAME>_PASSWORD',
    default: 'required',
    description: 'What the keeper asks for',
  });
});
