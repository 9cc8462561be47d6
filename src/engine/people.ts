import type { SessionPolicy } from '../domain/session.ts';
import { createChallenges } from './challenges.ts';
import type { EngineOptions } from './engine.ts';
import { createFactors } from './factors.ts';
import type { Log } from './log.ts';
import { createOwnFactors } from './own-factors.ts';
import { createPasswords } from './passwords.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
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
    own: createOwnFactors(options),
    users: createUsers({ ...options, passwords }),
    sessions: createSessions({ ...options, passwords }),
    factors: createFactors(options),
    recoveryCodes: createRecoveryCodes(options),
    challenges: createChallenges(options),
  };
}
