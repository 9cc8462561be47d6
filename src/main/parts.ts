import type { KeyRings } from '../domain/keys.ts';
import type { Limits } from '../domain/limits.ts';
import type { PriceTable } from '../domain/price.ts';
import type { SessionPolicy } from '../domain/session.ts';
import type { ClockSource } from '../engine/clock.ts';
import type { CallbackFace } from '../engine/events.ts';
import type { SavedKeys } from '../engine/key-source.ts';
import type { Log } from '../engine/log.ts';
import type { Provider, Routes } from '../engine/provider.ts';
import type { RetentionPeriods } from '../engine/retention.ts';
import type { WebhookTransport } from '../engine/webhook-transport.ts';
import type { RateLimiter } from '../http/rates.ts';
import type { CallbackRules } from './callbacks.ts';

/** What the engine is made of, whoever asks it. */
export interface CoreParts {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly keys: KeyRings;
  /** Where changed key rings are written; without it they cannot be changed. */
  readonly savedKeys?: SavedKeys | undefined;
  readonly limits: Limits;
  readonly providers: readonly Provider[];
  readonly routes: Routes;
  /** What messages cost; nothing when absent. */
  readonly prices?: PriceTable;
  /** Numbers that nobody can own pass as recipients, and test numbers need no end. */
  readonly development: boolean;
  readonly clock: ClockSource;
  readonly log: Log;
  readonly onDeath: (error: Error) => void;
  readonly confirmClock?: boolean;
  readonly commitDelayMs?: number;
  readonly tryTimeoutMs?: number;
  /** How long recipients and audit trails are kept; 30 and 365 days when absent. */
  readonly retention?: RetentionPeriods;
  /** Which addresses may be called to tell of events; public ones on port 443 when absent, anything for `anywhere`. */
  readonly callbacks?: CallbackRules | undefined;
  /** Those of the server's faces when absent. */
  readonly callbackFaces?: readonly CallbackFace[] | undefined;
  /** How long sessions of users last; their defaults when absent. */
  readonly sessions?: SessionPolicy | undefined;
  /** What authenticator apps show above a code; `Countersign` when absent. */
  readonly totpIssuer?: string | undefined;
  /** Hashing a password is as dear as it has to be when absent; tests have better things to do. */
  readonly passwordCost?: number | undefined;
  /** How calls are made; over the network when absent. */
  readonly webhookTransport?: WebhookTransport | undefined;
}

/** What is particular to the faces of other vendors. */
export interface FaceSettings {
  readonly smsworks: {
    readonly keyIssue: boolean;
    readonly countryCode: number;
    readonly tokenLifetimeSeconds: number;
  };
  readonly metal: {
    /** What authenticator apps show above a code. */
    readonly issuer: string;
    /** Id of the tenant whose users log in; the only one there is when absent. */
    readonly tenant?: string | undefined;
  };
}

export const defaultFaces: FaceSettings = {
  smsworks: { keyIssue: false, countryCode: 44, tokenLifetimeSeconds: 31_536_000 },
  metal: { issuer: 'Metal' },
};

/** What differs between the servers of development mode, production, tests and benchmarks. */
export interface Parts extends CoreParts {
  readonly rates: RateLimiter;
  /** Their defaults when absent. */
  readonly faces?: FaceSettings;
  /** Peers whose forwarding header is believed; nobody when absent. */
  readonly proxies?: readonly string[];
  /** A machine that is busy with other things is no reason to turn requests away: in development mode, and in tests. */
  readonly toleratesDelay?: boolean;
  /** Where the world reaches the server, without a slash at its end. */
  readonly publicUrl?: string | undefined;
  /** Lets an operator's machines ask for health and metrics from elsewhere; from this machine nothing is needed. */
  readonly operationsToken?: string | undefined;
}
