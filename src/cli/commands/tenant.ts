import { misused } from '../exits.ts';
import { fields, table } from '../layout.ts';
import type { Reply, Session, TenantBody } from '../session.ts';
import { command, given, type TenantOption, tenantOption, wholeNumber } from '../spec.ts';

const path = '/admin/v1/tenants';
const nameOption = { flags: '--name <name>', does: 'what it is called' };
const ceilingOption = {
  flags: '--daily-sends-max <number>',
  does: 'messages that may go out on one day, UTC; 0 sends nothing',
  parse: wholeNumber,
};

interface Changes {
  readonly name?: string;
  readonly dailySendsMax?: number;
}

export const tenantCommands = [
  command(
    { name: 'tenant list', does: 'Lists all tenants.', example: 'countersign tenant list' },
    async ({ call, paint }) => {
      const body = await call<{ tenants: readonly TenantBody[] }>('GET', path);
      const text = table(
        body.tenants,
        [
          ['id', ({ id }) => id],
          ['name', ({ name }) => name],
          ['sends today', ({ sendsToday }) => sendsToday],
          ['daily most', ({ dailySendsMax }) => dailySendsMax],
          ['created', ({ createdAt }) => createdAt],
        ],
        paint,
        'there is no tenant yet; make one with: countersign tenant create NAME',
      );
      return { json: body, text };
    },
  ),
  command<TenantOption>(
    {
      name: 'tenant show',
      takes: '[tenant]',
      does: 'Shows one tenant, by name or id.',
      example: 'countersign tenant show Acme',
      options: [tenantOption],
    },
    async (session, [named], { tenant }) => shown(session, await session.tenant(named ?? tenant)),
  ),
  command<Changes>(
    {
      name: 'tenant create',
      takes: '<name>',
      does: 'Makes a tenant, with a service called default.',
      example: 'countersign tenant create Acme --daily-sends-max 1000',
      options: [ceilingOption],
    },
    async (session, [name], { dailySendsMax }) =>
      shown(session, await session.call<TenantBody>('POST', path, given({ name, dailySendsMax }))),
  ),
  command<Changes & TenantOption>(
    {
      name: 'tenant change',
      takes: '[tenant]',
      does: 'Changes the name of a tenant, or how many messages it may send.',
      example: 'countersign tenant change Acme --daily-sends-max 5000',
      options: [nameOption, ceilingOption, tenantOption],
    },
    async (session, [named], { tenant, ...changes }) => {
      if (Object.keys(changes).length === 0) throw misused('say what to change: --name or --daily-sends-max');
      const { id } = await session.tenant(named ?? tenant);
      return shown(session, await session.call<TenantBody>('PATCH', `${path}/${id}`, given({ ...changes })));
    },
  ),
];

function shown({ paint }: Session, tenant: TenantBody): Reply {
  const { id, name, sendsToday, dailySendsMax, createdAt } = tenant;
  const pairs = [
    ['id', id],
    ['name', name],
    ['daily most', dailySendsMax],
    ['sends today', sendsToday],
    ['created', createdAt],
  ] as const;
  return { json: tenant, text: fields(pairs, paint) };
}
