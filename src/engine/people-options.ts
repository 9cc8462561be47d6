import type { SessionPolicy } from '../domain/session.ts';
import type { EngineOptions } from './engine.ts';
import type { Log } from './log.ts';

/** What the use-cases about users are made of. */
export interface PeopleOptions extends EngineOptions {
  /** How long sessions last. */
  readonly sessions: SessionPolicy;
  /** What authenticator apps show above a code. */
  readonly issuer: string;
  readonly log: Log;
  /** How dear hashing a password is; see passwords.ts. */
  readonly passwordCost?: number | undefined;
}
