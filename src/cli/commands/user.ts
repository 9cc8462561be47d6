import { misused } from '../exits.ts';
import { passwordFrom } from '../password-input.ts';
import type { Session } from '../session.ts';
import {
  command,
  given,
  moment,
  type TenantOption,
  tenantOption,
  wholeNumber,
  withQuery,
  type YesOption,
  yesOption,
} from '../spec.ts';
import {
  shownToken,
  shownTokens,
  shownUser,
  shownUsers,
  type TokenBody,
  type UserBody,
  type UsersBody,
} from './user-view.ts';

interface UserOptions extends TenantOption {
  readonly reference?: string;
  readonly phoneNumber?: string;
  readonly email?: string;
}

const example = '0192f000-0000-7000-8000-00000000000a';
const userOptions = (more: string) => [
  { flags: '--reference <text>', does: `your own name for the user${more}` },
  { flags: '--phone-number <number>', does: `with + and its calling code${more}` },
  { flags: '--email <address>', does: `e-mail address${more}` },
];

async function pathOf(session: Session, { tenant }: TenantOption, ...rest: readonly string[]): Promise<string> {
  const { id } = await session.tenant(tenant);
  return ['/admin/v1/tenants', id, ...rest.map(encodeURIComponent)].join('/');
}

/** An empty text takes away. */
const takenAway = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(given(fields)).map(([name, value]) => [name, value === '' ? null : value]));

export const userCommands = [
  command<UserOptions & { readonly limit?: number; readonly cursor?: string }>(
    {
      name: 'user list',
      does: 'Lists the users of a tenant, newest first.',
      example: 'countersign user list --email ada@example.com',
      options: [
        ...userOptions(': only this one'),
        { flags: '--limit <number>', does: 'most on a page, 1 to 100; 20 when left out', parse: wholeNumber },
        { flags: '--cursor <id>', does: 'where the page begins, as the one before said' },
        tenantOption,
      ],
    },
    async (session, _, { tenant, ...query }) => {
      const path = withQuery(await pathOf(session, given({ tenant }), 'users'), query);
      return shownUsers(session, await session.call<UsersBody>('GET', path));
    },
  ),
  command<TenantOption>(
    {
      name: 'user show',
      takes: '<id>',
      does: 'Shows one user.',
      example: `countersign user show ${example}`,
      options: [tenantOption],
    },
    async (session, [id = ''], owner) =>
      shownUser(session, await session.call<UserBody>('GET', await pathOf(session, owner, 'users', id))),
  ),
  command<UserOptions>(
    {
      name: 'user create',
      does: 'Makes a user. A password is given afterwards, with user password.',
      example: 'countersign user create --reference customer-17 --phone-number +33612345678',
      options: [...userOptions(''), tenantOption],
    },
    async (session, _, { tenant, ...wanted }) => {
      const path = await pathOf(session, given({ tenant }), 'users');
      return shownUser(session, await session.call<UserBody>('POST', path, given({ ...wanted })));
    },
  ),
  command<UserOptions>(
    {
      name: 'user change',
      takes: '<id>',
      does: 'Changes what is known of a user; what is not named stays as it is.',
      example: `countersign user change ${example} --email ada@example.com`,
      options: [...userOptions("; '' takes it away"), tenantOption],
    },
    async (session, [id = ''], { tenant, ...changes }) => {
      const body = takenAway({ ...changes });
      if (Object.keys(body).length === 0) throw misused('say what to change; see user change --help');
      const path = await pathOf(session, given({ tenant }), 'users', id);
      return shownUser(session, await session.call<UserBody>('PATCH', path, body));
    },
  ),
  command<TenantOption & { readonly remove?: boolean }>(
    {
      name: 'user password',
      takes: '<id>',
      does: 'Gives a user another password, from a prompt or from standard input, and ends every login.',
      example: `countersign user password ${example}`,
      options: [{ flags: '--remove', does: 'take the password away instead' }, tenantOption],
    },
    async (session, [id = ''], { remove, ...owner }) => {
      const password = remove === true ? null : await passwordFrom(session.parts.terminal);
      const path = await pathOf(session, owner, 'users', id);
      return shownUser(session, await session.call<UserBody>('PATCH', path, { password }));
    },
  ),
  command<TenantOption & YesOption>(
    {
      name: 'user delete',
      takes: '<id>',
      does: "Deletes a user with all that is the user's: factors, recovery codes, sessions, tokens.",
      example: `countersign user delete ${example} --yes`,
      options: [tenantOption, yesOption],
    },
    async (session, [id = ''], { yes, ...owner }) => {
      await session.confirm("deletes the user with all that is the user's", yes);
      const body = await session.call<object>('DELETE', await pathOf(session, owner, 'users', id));
      return { json: body, text: 'deleted' };
    },
  ),
  command<TenantOption>(
    {
      name: 'user token list',
      takes: '<user>',
      does: 'Lists the tokens of a user; the tokens themselves are not kept.',
      example: `countersign user token list ${example}`,
      options: [tenantOption],
    },
    async (session, [user = ''], owner) => {
      const path = await pathOf(session, owner, 'users', user, 'tokens');
      return shownTokens(session, await session.call<{ sessions: readonly TokenBody[] }>('GET', path));
    },
  ),
  command<TenantOption & { readonly expiresAt?: string }>(
    {
      name: 'user token create',
      takes: '<user> <description>',
      does: 'Gives a user a token that works until it is revoked, and shows it, this once.',
      example: `countersign user token create ${example} laptop`,
      options: [
        { flags: '--expires-at <date>', does: 'when it stops working; never when left out', parse: moment },
        tenantOption,
      ],
    },
    async (session, [user = '', description], { tenant, expiresAt }) => {
      const path = await pathOf(session, given({ tenant }), 'users', user, 'tokens');
      return shownToken(session, await session.call<TokenBody>('POST', path, given({ description, expiresAt })));
    },
  ),
  command<TenantOption & YesOption>(
    {
      name: 'user token revoke',
      takes: '<id>',
      does: 'Ends a token, or any other session of a user, for good.',
      example: `countersign user token revoke ${example} --yes`,
      options: [tenantOption, yesOption],
    },
    async (session, [id = ''], { yes, ...owner }) => {
      await session.confirm('ends the token for good', yes);
      const body = await session.call<object>('DELETE', await pathOf(session, owner, 'sessions', id));
      return { json: body, text: 'revoked' };
    },
  ),
];
