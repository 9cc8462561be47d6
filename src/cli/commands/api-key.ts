import { scopes } from '../../domain/scope.ts';
import { misused } from '../exits.ts';
import { table } from '../layout.ts';
import type { Session } from '../session.ts';
import {
  command,
  given,
  list,
  moment,
  type TenantOption,
  tenantOption,
  wholeNumber,
  type YesOption,
  yesOption,
} from '../spec.ts';
import { type ApiKeyBody, shownApiKey } from './api-key-view.ts';

interface Owner extends TenantOption {
  readonly operator?: boolean;
}
interface KeyOptions extends Owner {
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly sources?: readonly string[];
  readonly expiresAt?: string;
}

const ownerOptions = [tenantOption, { flags: '--operator', does: 'keys of the server itself, of no tenant' }];
const keyOptions = [
  { flags: '--scopes <list>', does: `what it may do: ${scopes.join(',')}`, parse: list },
  { flags: '--sources <list>', does: 'addresses and ranges it is accepted from; empty for any', parse: list },
  {
    flags: '--expires-at <date>',
    does: 'when it stops, as 2027-01-31; never takes the end away',
    parse: (text: string) => (text === 'never' ? text : moment(text)),
  },
  ...ownerOptions,
];

async function pathOf(session: Session, { tenant, operator }: Owner, ...rest: readonly string[]): Promise<string> {
  if (operator === true && tenant !== undefined) throw misused('say --tenant or --operator, not both');
  const base = operator === true ? '/admin/v1' : `/admin/v1/tenants/${(await session.tenant(tenant)).id}`;
  return [base, 'api-keys', ...rest.map(encodeURIComponent)].join('/');
}

function bodyOf({ expiresAt, ...rest }: KeyOptions): Record<string, unknown> {
  return { ...rest, ...given({ expiresAt: expiresAt === 'never' ? null : expiresAt }) };
}

export const apiKeyCommands = [
  command<Owner>(
    {
      name: 'api-key list',
      does: 'Lists API keys; the keys themselves are not kept.',
      example: 'countersign api-key list --tenant Acme',
      options: ownerOptions,
    },
    async (session, _, owner) => {
      const body = await session.call<{ apiKeys: readonly ApiKeyBody[] }>('GET', await pathOf(session, owner));
      const text = table(
        body.apiKeys,
        [
          ['id', ({ id }) => id],
          ['name', ({ name }) => name],
          ['scopes', (key) => key.scopes],
          ['expires', ({ expiresAt }) => expiresAt],
          ['revoked', ({ revokedAt }) => revokedAt],
          ['last used', ({ lastUsedAt }) => lastUsedAt],
        ],
        session.paint,
        'there is no API key; make one with: countersign api-key create NAME',
      );
      return { json: body, text };
    },
  ),
  command<KeyOptions>(
    {
      name: 'api-key create',
      takes: '<name>',
      does: 'Makes an API key and shows it, this once.',
      example: 'countersign api-key create backend --tenant Acme --expires-at 2027-01-31',
      options: keyOptions,
    },
    async (session, [name], { tenant, operator, ...wanted }) => {
      const path = await pathOf(session, given({ tenant, operator }));
      return shownApiKey(session, await session.call<ApiKeyBody>('POST', path, { name, ...bodyOf(wanted) }));
    },
  ),
  command<KeyOptions>(
    {
      name: 'api-key change',
      takes: '<id>',
      does: 'Changes the name, scopes, sources or expiry of an API key.',
      example: 'countersign api-key change 0123456789abcdef --name worker',
      options: [{ flags: '--name <name>', does: 'what it is called' }, ...keyOptions],
    },
    async (session, [id = ''], { tenant, operator, ...changes }) => {
      if (Object.keys(changes).length === 0) throw misused('say what to change; see api-key change --help');
      const path = await pathOf(session, given({ tenant, operator }), id);
      return shownApiKey(session, await session.call<ApiKeyBody>('PATCH', path, bodyOf(changes)));
    },
  ),
  command<Owner & { readonly overlapSeconds?: number }>(
    {
      name: 'api-key rotate',
      takes: '<id>',
      does: 'Makes a new key in the place of an old one, which goes on for a while.',
      example: 'countersign api-key rotate 0123456789abcdef --overlap-seconds 3600',
      options: [
        {
          flags: '--overlap-seconds <number>',
          does: 'how long the old one is still accepted; a day when left out',
          parse: wholeNumber,
        },
        ...ownerOptions,
      ],
    },
    async (session, [id = ''], { overlapSeconds, ...owner }) => {
      const path = await pathOf(session, owner, id, 'rotate');
      return shownApiKey(session, await session.call<ApiKeyBody>('POST', path, given({ overlapSeconds })));
    },
  ),
  command<Owner & YesOption>(
    {
      name: 'api-key revoke',
      takes: '<id>',
      does: 'Ends an API key for good.',
      example: 'countersign api-key revoke 0123456789abcdef --yes',
      options: [...ownerOptions, yesOption],
    },
    async (session, [id = ''], { yes, ...owner }) => {
      await session.confirm('ends the API key for good: whoever uses it is locked out', yes);
      return shownApiKey(
        session,
        await session.call<ApiKeyBody>('POST', await pathOf(session, owner, id, 'revoke'), {}),
      );
    },
  ),
];
