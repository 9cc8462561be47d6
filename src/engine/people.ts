import type { SessionPolicy } from '../domain/session.ts';
import type { EngineOptions } from './engine.ts';

/** What the use-cases about users are made of. */
export interface PeopleOptions extends EngineOptions {
  /** How long sessions last. */
  readonly sessions: SessionPolicy;
  /** What authenticator apps show above a code. */
  readonly issuer: string;
}

/** Everything that can be asked about users, and about what is theirs. */
export type People = ReturnType<typeof createPeople>;

export function createPeople(_options: PeopleOptions) {
  return {};
}
