import { newUserToken, type Session } from '../../domain/session.ts';
import { loginOf } from '../../domain/user.ts';
import type { CommandBase, Decider } from '../command.ts';
import { begunUser, type NewUser } from './change-user.ts';
import type { ProvisionOutcome } from './provision-tenant.ts';

/** Makes a user with one token, for development mode. Where the user is already, nothing changes. */
export interface ProvisionUser extends CommandBase {
  readonly kind: 'provision-user';
  readonly user: NewUser;
  readonly token: Pick<Session, 'id' | 'hash' | 'face' | 'description'>;
}

export const provisionUser: Decider<ProvisionUser, ProvisionOutcome> = {
  reads: ({ user }) => ({ people: { users: [user.id], logins: loginsOf(user) } }),
  decide({ tenantId, user, token }, loaded, { nowMs }) {
    const isThere = loaded.user(user.id) !== undefined;
    if (isThere || loginsOf(user).some((login) => loaded.userByLogin(login) !== undefined)) {
      return { writes: {}, outcome: { kind: 'exists' } };
    }
    const session = newUserToken({ ...token, tenantId, userId: user.id }, nowMs);
    return {
      writes: { people: { users: [begunUser(user, nowMs)], sessions: [session] } },
      outcome: { kind: 'provisioned' },
    };
  },
};

function loginsOf(user: NewUser): readonly string[] {
  const login = loginOf(user);
  return login === undefined ? [] : [login];
}
