import { misused } from '../exits.ts';
import { fields, table } from '../layout.ts';
import type { Reply, Session, TenantBody } from '../session.ts';
import { command, given, money, type TenantOption, tenantOption, wholeNumber } from '../spec.ts';

const path = '/admin/v1/tenants';
const nameOption = { flags: '--name <name>', does: 'what it is called' };
const ceilingOption = {
  flags: '--daily-sends-max <number>',
  does: 'messages that may go out on one day, UTC; 0 sends nothing',
  parse: wholeNumber,
};

const prepaidOptions = [
  { flags: '--prepaid', does: 'messages go out only while the balance covers them' },
  { flags: '--no-prepaid', does: 'the balance is left alone' },
];

interface Changes {
  readonly name?: string;
  readonly dailySendsMax?: number;
  readonly prepaid?: boolean;
}

interface Payment extends TenantOption {
  readonly add?: number;
  readonly take?: number;
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
      options: [ceilingOption, ...prepaidOptions],
    },
    async (session, [name], { dailySendsMax, prepaid }) =>
      shown(session, await session.call<TenantBody>('POST', path, given({ name, dailySendsMax, prepaid }))),
  ),
  command<Changes & TenantOption>(
    {
      name: 'tenant change',
      takes: '[tenant]',
      does: 'Changes the name of a tenant, how many messages it may send, or whether it pays beforehand.',
      example: 'countersign tenant change Acme --daily-sends-max 5000',
      options: [nameOption, ceilingOption, ...prepaidOptions, tenantOption],
    },
    async (session, [named], { tenant, ...changes }) => {
      if (Object.keys(changes).length === 0) throw misused('say what to change; see tenant change --help');
      const { id } = await session.tenant(named ?? tenant);
      return shown(session, await session.call<TenantBody>('PATCH', `${path}/${id}`, given({ ...changes })));
    },
  ),
  command<Payment>(
    {
      name: 'tenant balance',
      takes: '[tenant]',
      does: 'Shows what a tenant has left of what it paid, adds to it, or takes from it.',
      example: 'countersign tenant balance Acme --add 50',
      options: [
        { flags: '--add <amount>', does: 'what was paid, such as 12.50', parse: money },
        { flags: '--take <amount>', does: 'what is taken back; never more than there is', parse: money },
        tenantOption,
      ],
    },
    async (session, [named], { tenant, add, take }) => {
      if (add !== undefined && take !== undefined) throw misused('say one of --add and --take');
      const found = await session.tenant(named ?? tenant);
      const amount = add ?? (take === undefined ? undefined : -take);
      if (amount === undefined) return shown(session, found);
      return shown(session, await session.call<TenantBody>('POST', `${path}/${found.id}/balance`, { amount }));
    },
  ),
];

function shown({ paint }: Session, tenant: TenantBody): Reply {
  const { id, name, sendsToday, dailySendsMax, prepaid, balance, currency, createdAt } = tenant;
  const pairs = [
    ['id', id],
    ['name', name],
    ['daily most', dailySendsMax],
    ['sends today', sendsToday],
    ['pays beforehand', prepaid],
    ['balance', `${balance} ${currency}`],
    ['created', createdAt],
  ] as const;
  return { json: tenant, text: fields(pairs, paint) };
}
