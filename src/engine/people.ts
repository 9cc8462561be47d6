import type { SessionPolicy } from '../domain/session.ts';
import type { EngineOptions } from './engine.ts';
import type { Log } from './log.ts';
import { createPasswords } from './passwords.ts';
import { createSessions } from './sessions.ts';
import { createUsers } from './users.ts';

/** What the use-cases about users are made of. */
export interface PeopleOptions extends EngineOptions {
  /** How long sessions last. */
  readonly sessions: SessionPolicy;
  /** What authenticator apps show above a code. */
  readonly issuer: string;
  readonly log: Log;
}

/** Everything that can be asked about users, and about what is theirs. */
export type People = ReturnType<typeof createPeople>;

export function createPeople(options: PeopleOptions) {
  const passwords = createPasswords(options.random);
  return {
    users: createUsers({ ...options, passwords }),
    sessions: createSessions({ ...options, passwords }),
  };
}
