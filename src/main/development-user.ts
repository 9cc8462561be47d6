import { readSessionToken, sessionTokenOf } from '../domain/session-token.ts';
import { isUuid } from '../domain/uuid.ts';
import type { People } from '../engine/people.ts';
import { type Random, uuidv7 } from '../engine/random.ts';

/** The one user that development mode begins with, as clients of Equinix Metal need it. */
export interface MetalCredentials {
  /** A token that the user has for good. */
  readonly authToken: string;
  readonly userId: string;
  readonly login: string;
  readonly password: string;
  readonly phoneNumber: string;
}

const login = 'ada@metal.example';
const phoneNumber = '+33612000077';

/** What was kept of it, or a new one. @param kept - as it was read, of any form */
export function metalUser(kept: Readonly<Record<string, unknown>>, random: Random): MetalCredentials {
  const { authToken, userId, password } = kept;
  const isWhole =
    typeof authToken === 'string' &&
    readSessionToken(authToken) !== undefined &&
    typeof userId === 'string' &&
    isUuid(userId) &&
    typeof password === 'string' &&
    password.length >= 8;
  if (isWhole) return { authToken, userId, login, password, phoneNumber };
  const freshId = () => uuidv7(Date.now(), random);
  return {
    authToken: sessionTokenOf(freshId(), random.hex(32)),
    userId: freshId(),
    login,
    password: random.hex(12),
    phoneNumber,
  };
}

/** Has the user be there, without a second factor at first; made again when the database was removed. */
export async function provisionMetalUser(
  { users }: Pick<People, 'users'>,
  tenantId: string,
  { authToken, userId, password }: MetalCredentials,
): Promise<void> {
  const read = readSessionToken(authToken);
  if (read === undefined) throw new Error('the credentials hold no token of a user');
  const token = { id: read.id, hash: read.hash.toString('hex'), face: 'metal', description: 'Development' };
  await users.provision(tenantId, { id: userId, email: login, phoneNumber, password, token });
}
