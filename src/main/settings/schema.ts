import { type Static, type TSchemaOptions, Type } from 'typebox';
import type { Channel } from '../../domain/channel.ts';
import { channels } from '../../domain/channel.ts';
import { isCountry } from '../../domain/country.ts';
import { defaultLimits } from '../../domain/limits.ts';
import { microsOf, noPrices } from '../../domain/price.ts';
import { isUuid } from '../../domain/uuid.ts';
import { trustedProxies } from '../../http/client-address.ts';
import { defaultRates } from '../../http/rates.ts';
import { logLevels } from '../../telemetry/log.ts';
import { readDatabase, readPublicUrl } from './addresses.ts';
import { readListen } from './listen.ts';

/* Every setting: its name, type, range, default and meaning. The check, the example and the documents come from here. */

export const modes = ['development', 'production'] as const;
export type Mode = (typeof modes)[number];

/** What the schema of a setting says beside its type. */
export interface Notes extends TSchemaOptions {
  readonly description?: string;
  readonly default?: unknown;
  /** The default by mode. A mode without one requires the setting. */
  readonly defaults?: Readonly<Partial<Record<Mode, unknown>>>;
  /** The default in words, where another setting decides it. */
  readonly defaultText?: string;
  /** What an example shows where there is no default. */
  readonly examples?: readonly unknown[];
  /** Never shown, and also taken from the file that `<key>File` names. */
  readonly secret?: boolean;
  /** The setting that takes a file in the place of this secret, where that is not `<key>File`. */
  readonly fileSetting?: string;
  /** The only mode that knows it. */
  readonly only?: Mode;
  /** Follows the name of the setting: "must be …". */
  readonly remedy?: string;
}

/** A name that a provider can have: it becomes part of the name of a variable. */
export const providerName = /^[a-z][a-z0-9-]{0,31}$/;

const closed = { additionalProperties: false } as const;
const text = (notes: Notes) => Type.String(notes);
const textThat = (isGood: (value: string) => boolean, remedy: string, notes: Notes) =>
  Type.Refine(Type.String({ ...notes, remedy }), isGood, () => remedy);
const counted = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const whole = (minimum: number, maximum: number, preset: number, what: string) =>
  Type.Integer({ minimum, maximum, default: preset, description: `${what}; ${minimum} to ${maximum}` });
const visible = (length: number) => `must be at least ${length} characters long, all of them visible ASCII`;

const windows = (what: string, preset: readonly { readonly count: number; readonly seconds: number }[]) =>
  Type.Array(Type.Object({ count: counted(1, 100_000), seconds: counted(1, 86_400) }, closed), {
    minItems: 1,
    maxItems: 8,
    default: preset,
    description: `${what}: at most \`count\` in any \`seconds\`, for each entry`,
  });

const perSecond = (what: string, { quota }: { readonly quota: number }) =>
  whole(1, 100_000, quota, `${what}, by the second`);

const partPriceRemedy = 'must be a number from 0 to 1000 with at most six decimals';

const route = (channel: Channel) =>
  Type.Optional(
    Type.Array(
      textThat((name) => providerName.test(name), 'must be the name of a provider', {}),
      {
        uniqueItems: true,
        maxItems: 16,
        default: [],
        description: `Names of the providers that carry ${channel}, in order of choice`,
      },
    ),
  );

const partPriceMax = 1000;
const price = Type.Object(
  {
    channel: Type.Unsafe<Channel>({ type: 'string', enum: [...channels] }),
    country: textThat(
      (value) => value === '*' || isCountry(value),
      'must be an ISO 3166 country of two capital letters, such as FR, or *',
      {},
    ),
    perPart: Type.Refine(
      Type.Number({ remedy: partPriceRemedy }),
      (value) => value >= 0 && value <= partPriceMax && microsOf(value) !== undefined,
      () => partPriceRemedy,
    ),
  },
  closed,
);

function isNetwork(text: string): boolean {
  try {
    return trustedProxies([text]).size === 1;
  } catch {
    return false;
  }
}

const networks = (what: string) =>
  Type.Array(textThat(isNetwork, 'must be an IP address or a range such as 10.0.0.0/8', {}), {
    maxItems: 256,
    default: [],
    description: what,
  });

export const settingsSchema = Type.Object(
  {
    listen: textThat(
      (value) => readListen(value) !== undefined,
      'must be an address and a port, such as 127.0.0.1:8080',
      { default: '127.0.0.1:8080', description: 'Address and port; port 0 lets the system choose' },
    ),
    dataDir: text({
      minLength: 1,
      defaults: { development: '.countersign' },
      examples: ['/var/lib/countersign'],
      description: 'Directory of everything that is kept; the folder it is in must exist',
    }),
    databaseUrl: Type.Optional(
      textThat(
        (value) => readDatabase(value).kind !== 'unreadable',
        'must be sqlite: and a path, such as sqlite:/var/lib/countersign/countersign.db',
        {
          defaultText: '`countersign.db` in the data directory',
          examples: ['sqlite:/var/lib/countersign/countersign.db'],
          description: 'The database; development mode always uses the one in its data directory',
        },
      ),
    ),
    keyFile: Type.Optional(
      text({
        minLength: 1,
        defaultText: '`keys.json` in the data directory',
        examples: ['/var/lib/countersign/keys.json'],
        description: 'File of the server-side keys; development mode always uses the one in its data directory',
      }),
    ),
    keys: Type.Optional(
      text({
        minLength: 1,
        secret: true,
        fileSetting: 'keyFile',
        description: 'The text of a key file, in the place of `keyFile`',
      }),
    ),
    publicUrl: Type.Optional(
      textThat(
        (value) => readPublicUrl(value) !== undefined,
        'must be a URL without a query, such as https://verify.your-company.com',
        {
          examples: ['https://verify.your-company.com'],
          description: 'Where callers and providers reach this server; outside development mode with https',
        },
      ),
    ),
    logLevel: Type.Unsafe<(typeof logLevels)[number]>({
      type: 'string',
      enum: [...logLevels],
      defaults: { development: 'warn', production: 'info' },
      description: '`error`, `warn`, `info` or `silent`; one JSON object a line, on standard error',
    }),
    confirmClock: Type.Boolean({
      default: false,
      description: '`yes` says that the time of day is right although the database has seen a later one',
    }),
    devToken: Type.Optional(
      textThat((value) => /^[\x21-\x7e]{16,}$/.test(value), visible(16), {
        secret: true,
        only: 'development',
        description: 'At least 16 visible ASCII characters that `/` and `/dev/*` then ask for; development mode only',
      }),
    ),
    operationsToken: Type.Optional(
      textThat((value) => /^[\x21-\x7e]{32,}$/.test(value), visible(32), {
        secret: true,
        description:
          'At least 32 visible ASCII characters; lets `/metrics`, `/healthz`, `/readyz` be asked from other machines',
      }),
    ),
    trustedProxies: Type.Array(textThat(isNetwork, 'must be an IP address or a range such as 10.0.0.0/8', {}), {
      maxItems: 256,
      default: [],
      description: 'Addresses and ranges of proxies whose `X-Forwarded-For` is believed',
    }),
    routes: Type.Object(
      Object.fromEntries(channels.map((channel) => [channel, route(channel)])) as Record<
        Channel,
        ReturnType<typeof route>
      >,
      { ...closed, description: 'Who carries the messages of each channel' },
    ),
    callbacks: Type.Object(
      {
        ports: Type.Array(counted(1, 65_535), {
          uniqueItems: true,
          maxItems: 16,
          default: [],
          description: 'Ports of receivers beside 443',
        }),
        refused: networks('Ranges of addresses that are not called, beside those that are not public'),
        allowed: networks('Ranges that may be called although they are not public'),
      },
      { ...closed, description: 'Where events may be posted; development mode posts anywhere' },
    ),
    retention: Type.Object(
      {
        recipientDays: whole(1, 400, 30, 'Days after its last verification that a recipient is kept'),
        auditDays: whole(30, 3650, 365, 'Days that entries of the audit trail are kept'),
      },
      { ...closed, description: 'How long data about people is kept' },
    ),
    sessions: Type.Object(
      {
        absoluteHours: whole(1, 168, 12, 'Hours after which a login of a user ends'),
        idleMinutes: whole(2, 1440, 15, 'Minutes after which one that is not used ends'),
        halfOpenMinutes: whole(1, 60, 10, 'Minutes in which its second factor has to be shown'),
      },
      { ...closed, description: 'How long logins of users last; user tokens go on' },
    ),
    limits: Type.Object(
      {
        recipientSends: windows('Messages to one recipient', defaultLimits.recipientSends),
        addressCreates: windows("Verifications from one end user's address", defaultLimits.addressCreates),
      },
      { ...closed, description: 'Limits that are counted exactly; development mode makes them 20 times as wide' },
    ),
    prices: Type.Object(
      {
        currency: textThat((value) => /^[A-Z]{3}$/.test(value), 'must be three capital letters, such as EUR', {
          default: noPrices.currency,
          description: 'Currency of prices and balances, ISO 4217',
        }),
        table: Type.Array(price, {
          maxItems: 2000,
          default: [],
          description:
            'What a part of a message costs, by `channel` and `country`; `*` is every country that has no entry of its own',
        }),
      },
      { ...closed, description: 'What messages cost tenants; what has no price costs nothing' },
    ),
    rates: Type.Object(
      {
        apiKey: perSecond('Requests of one API key', defaultRates.apiKey),
        tenantCreates: perSecond('Verifications that one tenant creates', defaultRates.creates),
        tenantChecks: perSecond('Checks of one tenant', defaultRates.checks),
      },
      { ...closed, description: 'Rates by the second; development mode has none' },
    ),
    faces: Type.Object(
      {
        smsworks: Type.Object(
          {
            keyIssue: Type.Boolean({
              defaults: { development: true, production: false },
              description: '`yes` gives a new key to whoever names a tenant at `/auth/getApiKey`, without a credential',
            } as Notes),
            countryCode: whole(1, 999, 44, 'Calling code of numbers that name none'),
            tokenLifetimeSeconds: whole(60, 788_400_000, 31_536_000, 'Life of a token from `/auth/token`'),
          },
          { ...closed, description: 'The SMS Works' },
        ),
        metal: Type.Object(
          {
            issuer: textThat(
              (value) => /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(value),
              'must be 1 to 64 letters, digits, spaces, dots, dashes and underscores',
              { default: 'Metal', description: 'What authenticator apps show above the codes of users' },
            ),
            tenant: Type.Optional(
              textThat(isUuid, 'must be the id of a tenant', {
                defaultText: 'the only tenant there is',
                examples: ['0192f000-0000-7000-8000-00000000000a'],
                description: 'Id of the tenant whose users log in with their e-mail address at `/metal/v1/sessions`',
              }),
            ),
          },
          { ...closed, description: 'Equinix Metal' },
        ),
      },
      { ...closed, description: 'What is particular to the faces of other vendors' },
    ),
  },
  closed,
);

export type SettingsValues = Static<typeof settingsSchema>;
