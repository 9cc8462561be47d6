import { join, resolve } from 'node:path';
import { Value } from 'typebox/value';
import type { ProviderType } from '../channels/provider-type.ts';
import type { Limits } from '../domain/limits.ts';
import { microsOf, type PriceTable, priceTable } from '../domain/price.ts';
import type { SessionPolicy } from '../domain/session.ts';
import type { Routes } from '../engine/provider.ts';
import type { LogLevel } from '../telemetry/log.ts';
import type { CallbackRules } from './callbacks.ts';
import type { FaceSettings } from './parts.ts';
import { readDatabase, readPublicUrl } from './settings/addresses.ts';
import { contradictions } from './settings/contradictions.ts';
import { fieldsOf, keyOf } from './settings/fields.ts';
import { type Listen, readListen } from './settings/listen.ts';
import {
  type ConfiguredProvider,
  misshapenProviders,
  namedProviders,
  pathOf,
  readProvider,
} from './settings/providers.ts';
import { assembled, type Reading, readField } from './settings/read-field.ts';
import { type Mode, type SettingsValues, settingsSchema } from './settings/schema.ts';
import { type Environment, openSettingsFile } from './settings/settings-file.ts';
import { givenAnyhow, nameOf } from './settings/sources.ts';
import { unknownKeys, unknownVariables } from './settings/unknown.ts';

/** Everything that can be set. Nothing else reads the environment. Paths are absolute. */
export interface Settings {
  readonly mode: Mode;
  readonly listen: Listen;
  readonly dataDir: string;
  /** Path of the SQLite database. */
  readonly databaseFile: string;
  readonly keyFile: string;
  /** The text of a key file, which then goes before the file. */
  readonly keys?: string;
  /** Without a slash at its end. */
  readonly publicUrl?: string;
  readonly logLevel: LogLevel;
  /** An operator says that the time of day is right although it is a day behind what the database has seen. */
  readonly confirmClock: boolean;
  readonly devToken?: string;
  /** Lets operators ask for metrics and health from other machines. */
  readonly operationsToken?: string;
  /** Addresses and ranges, as `trustedProxies` of `http/client-address.ts` takes them. */
  readonly trustedProxies: readonly string[];
  readonly providers: readonly ConfiguredProvider[];
  /** Only channels that somebody carries. */
  readonly routes: Routes;
  /** Where events may be posted, in production. */
  readonly callbacks: Exclude<CallbackRules, 'anywhere'>;
  readonly retention: { readonly recipientDays: number; readonly auditDays: number };
  readonly sessions: { readonly absoluteHours: number; readonly idleMinutes: number; readonly halfOpenMinutes: number };
  readonly limits: Limits;
  readonly prices: PriceTable;
  /** By the second. */
  readonly rates: { readonly apiKey: number; readonly tenantCreates: number; readonly tenantChecks: number };
  readonly faces: FaceSettings;
}

/** Settings that cannot be used: every problem, a line each. */
export class BadSettings extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'BadSettings';
    this.problems = problems;
  }
}

export interface SettingsRequest {
  readonly mode: Mode;
  readonly env: Environment;
  /** Where `countersign.yaml` is looked for, and from where relative paths count. */
  readonly cwd: string;
  /** What `--config` names. */
  readonly configFile?: string | undefined;
  readonly providerTypes: readonly ProviderType[];
}

const fixedFields = fieldsOf(settingsSchema);

/**
 * Reads the settings from the file and the environment, whose variables go before the file.
 * @throws BadSettings with all problems together; those of a file that is no YAML alone, since the rest hangs on it
 */
export function readSettings({ mode, env, cwd, configFile, providerTypes }: SettingsRequest): Settings {
  const opened = openSettingsFile(cwd, env, configFile);
  if (opened.kind === 'unusable') throw new BadSettings(opened.problems);

  const problems: string[] = [];
  const sources = { env, file: opened.file };
  const reading: Reading = { mode, cwd, sources, problem: (line) => void problems.push(line) };

  const misshapen = misshapenProviders(sources);
  const named = namedProviders(providerTypes, reading);
  const fields = [...fixedFields, ...named.flatMap((provider) => provider.fields)];
  const untyped = named.filter(({ type }) => type === undefined).map(({ name }) => pathOf(name));
  const known = { fields, opaque: [...misshapen.map(({ path }) => path), ...untyped] };
  problems.unshift(
    ...unknownVariables(env, known),
    ...(opened.file === undefined ? [] : unknownKeys(opened.file, known)),
    ...misshapen.map(({ problem }) => problem),
  );

  const values = assembled(fixedFields, 0, (field) => readField(field, reading)) as Partial<SettingsValues>;
  const providers = named.map((provider) => readProvider(provider, reading)).filter((one) => one !== undefined);
  const dataDir = values.dataDir === undefined ? undefined : resolve(cwd, values.dataDir);
  const keyFile = values.keyFile ?? (dataDir && join(dataDir, 'keys.json'));
  const fieldAt = (path: readonly string[]) => fields.find((field) => keyOf(field.path) === keyOf(path));
  problems.push(
    ...contradictions({
      mode,
      values,
      dataDir,
      keyFile: keyFile && resolve(cwd, keyFile),
      providers,
      reported: named.map(({ name }) => name).filter((name) => !providers.some((one) => one.name === name)),
      name: (...path) => {
        const field = fieldAt(path);
        return field === undefined ? keyOf(path) : nameOf(sources, field);
      },
      isGiven: (...path) => {
        const field = fieldAt(path);
        return field !== undefined && givenAnyhow(sources, field) !== undefined;
      },
    }),
  );
  if (problems.length > 0) throw new BadSettings(problems);
  if (!Value.Check(settingsSchema, values)) throw new Error('the settings were read and do not fit their schema');
  return settingsOf(mode, cwd, values, providers);
}

/** Texts that were checked, as what they stand for. */
function settingsOf(
  mode: Mode,
  cwd: string,
  values: SettingsValues,
  providers: readonly ConfiguredProvider[],
): Settings {
  const { listen, databaseUrl, keyFile, keys, publicUrl, devToken, operationsToken, routes, prices, ...same } = values;
  const dataDir = resolve(cwd, values.dataDir);
  const database = databaseUrl === undefined ? undefined : readDatabase(databaseUrl);
  const url = publicUrl === undefined ? undefined : readPublicUrl(publicUrl)?.url;
  return {
    ...same,
    mode,
    listen: readListen(listen) as Listen,
    dataDir,
    databaseFile: database?.kind === 'sqlite' ? resolve(cwd, database.path) : join(dataDir, 'countersign.db'),
    keyFile: keyFile === undefined ? join(dataDir, 'keys.json') : resolve(cwd, keyFile),
    ...(keys === undefined ? {} : { keys }),
    ...(url === undefined ? {} : { publicUrl: url }),
    ...(devToken === undefined ? {} : { devToken }),
    ...(operationsToken === undefined ? {} : { operationsToken }),
    providers,
    prices: priceTable(
      prices.currency,
      prices.table.map(({ perPart, ...priced }) => ({ ...priced, perPartMicros: microsOf(perPart) ?? 0 })),
    ),
    routes: Object.fromEntries(Object.entries(routes).filter(([, names]) => names.length > 0)),
  };
}

/** How long sessions last, in the engine's unit. */
export function sessionPolicyOf({ absoluteHours, idleMinutes, halfOpenMinutes }: Settings['sessions']): SessionPolicy {
  return {
    absoluteSeconds: absoluteHours * 3600,
    idleSeconds: idleMinutes * 60,
    halfOpenSeconds: halfOpenMinutes * 60,
  };
}
