import { existsSync, statSync } from 'node:fs';
import { channels } from '../../domain/channel.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Routes } from '../../engine/provider.ts';
import { socketPath } from '../surroundings.ts';
import { readDatabase, readPublicUrl } from './addresses.ts';
import { isLoopback, readListen } from './listen.ts';
import type { ConfiguredProvider } from './providers.ts';
import type { Mode, SettingsValues } from './schema.ts';
import { isOpenToOthers } from './small-file.ts';

/** Settings of which each by itself is fine. What was reported already is not among the values. */
export interface Composed {
  readonly mode: Mode;
  readonly values: Partial<SettingsValues>;
  /** Absolute, and undefined when the data directory was reported. */
  readonly dataDir: string | undefined;
  readonly keyFile: string | undefined;
  readonly providers: readonly ConfiguredProvider[];
  /** Names that were configured but reported: a route to one of them is right. */
  readonly reported: readonly string[];
  /** A setting as it was written. */
  name(...path: readonly string[]): string;
  isGiven(...path: readonly string[]): boolean;
}

/** Lines about settings that do not go together, or not with this mode. */
export function contradictions(composed: Composed): string[] {
  return [
    ...listenProblems(composed),
    ...pathProblems(composed),
    ...databaseProblems(composed),
    ...keyProblems(composed),
    ...urlProblems(composed),
    ...routeProblems(composed),
    ...priceProblems(composed),
  ];
}

function listenProblems({ mode, values, name, isGiven }: Composed): string[] {
  const listen = readListen(values.listen ?? '');
  if (mode !== 'development' || listen === undefined || isLoopback(listen.host) || isGiven('devToken')) return [];
  return [`${name('listen')} may leave this machine only with COUNTERSIGN_DEV_TOKEN set: development mode shows codes`];
}

/** The shortest limit of a socket's path among the systems that we run on is 104 bytes with the zero at its end. */
const socketPathMax = 100;

function pathProblems({ dataDir, name }: Composed): string[] {
  if (dataDir === undefined || Buffer.byteLength(socketPath(dataDir)) <= socketPathMax) return [];
  return [`${name('dataDir')} is too long: with /control.sock it must have at most ${socketPathMax} bytes`];
}

function databaseProblems({ values, name }: Composed): string[] {
  const { databaseUrl } = values;
  if (databaseUrl === undefined || readDatabase(databaseUrl).kind === 'sqlite') return [];
  return [`${name('databaseUrl')} names PostgreSQL, which is not yet supported; use sqlite: and a path`];
}

function keyProblems({ keyFile, name, isGiven }: Composed): string[] {
  if (isGiven('keys')) {
    return isGiven('keyFile') ? [`${name('keys')} and ${name('keyFile')} are both set; keep one of them`] : [];
  }
  if (keyFile === undefined || !existsSync(keyFile) || !isOpenToOthers(statSync(keyFile).mode)) return [];
  return [`${name('keyFile')} is a file that others may read; run chmod 600 ${keyFile}`];
}

function urlProblems({ mode, values, name }: Composed): string[] {
  const secure = readPublicUrl(values.publicUrl ?? '')?.secure ?? true;
  if (mode === 'development' || secure) return [];
  return [`${name('publicUrl')} must begin with https:// outside development mode`];
}

function priceProblems({ values, name }: Composed): string[] {
  const here = name('prices', 'table');
  const seen = new Set<string>();
  return (values.prices?.table ?? []).flatMap(({ channel, country }) => {
    const priced = `${channel} to ${country}`;
    if (seen.has(priced)) return [`${here} has ${priced} twice; keep one of them`];
    seen.add(priced);
    if (channel !== 'email' || country === '*') return [];
    return [`${here} names ${country} for email, which is of no country; write * there`];
  });
}

function routeProblems({ values, providers, reported, name }: Composed): string[] {
  const routes: Routes = values.routes ?? {};
  const known = [...providers.map((provider) => provider.name), ...reported];
  return channels.flatMap((channel) =>
    (routes[channel] ?? []).flatMap((wanted) => {
      const here = name('routes', channel);
      if (!known.includes(wanted)) {
        const meant = nearest(wanted, known);
        return [
          `${here} names ${wanted}, which is no provider${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        ];
      }
      const provider = providers.find((one) => one.name === wanted);
      if (provider === undefined || provider.channels.includes(channel)) return [];
      return [`${here} names ${wanted}, which carries ${provider.channels.join(', ')} and not ${channel}`];
    }),
  );
}
