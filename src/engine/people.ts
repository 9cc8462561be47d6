import { createChallenges } from './challenges.ts';
import { createFactors } from './factors.ts';
import { createOwnFactors } from './own-factors.ts';
import { createPasswords } from './passwords.ts';
import type { PeopleOptions } from './people-options.ts';
import { createRecoveryCodes } from './recovery-codes.ts';
import { createSessions } from './sessions.ts';
import { createUsers } from './users.ts';

/** Everything that can be asked about users, and about what is theirs. */
export type People = ReturnType<typeof createPeople>;

export function createPeople(options: PeopleOptions) {
  const passwords = createPasswords(options.random, options.passwordCost);
  return {
    own: createOwnFactors(options),
    users: createUsers({ ...options, passwords }),
    sessions: createSessions({ ...options, passwords }),
    factors: createFactors(options),
    recoveryCodes: createRecoveryCodes(options),
    challenges: createChallenges(options),
  };
}
