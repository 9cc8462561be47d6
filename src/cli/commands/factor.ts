import { factorKinds } from '../../domain/factor.ts';
import { codeFrom } from '../code-input.ts';
import { exits } from '../exits.ts';
import type { Session } from '../session.ts';
import { command, given, type TenantOption, tenantOption, wholeNumber, type YesOption, yesOption } from '../spec.ts';
import {
  type ActivatedBody,
  type FactorBody,
  type RecoveryCodesBody,
  shownEnrolled,
  shownFactors,
  shownRecoveryCodes,
} from './factor-view.ts';

interface EnrolOptions extends TenantOption {
  readonly kind?: string;
  readonly name?: string;
  readonly recipient?: string;
  readonly service?: string;
  readonly algorithm?: string;
  readonly digits?: number;
}

const user = '0192f000-0000-7000-8000-00000000000a';
const factor = '0192f000-0000-7000-8000-00000000000b';

async function pathOf(session: Session, { tenant }: TenantOption, ...rest: readonly string[]): Promise<string> {
  const { id } = await session.tenant(tenant);
  return ['/admin/v1/tenants', id, 'users', ...rest.map(encodeURIComponent)].join('/');
}

export const factorCommands = [
  command<TenantOption>(
    {
      name: 'factor list',
      takes: '<user>',
      does: 'Lists the second factors of a user.',
      example: `countersign factor list ${user}`,
      options: [tenantOption],
    },
    async (session, [id = ''], owner) => {
      const path = await pathOf(session, owner, id, 'factors');
      return shownFactors(session, await session.call<{ factors: readonly FactorBody[] }>('GET', path));
    },
  ),
  command<EnrolOptions>(
    {
      name: 'factor enrol',
      takes: '<user>',
      does: 'Enrols an authenticator app and shows its secret, this once; or a number or address, which is sent a code.',
      example: `countersign factor enrol ${user} --name Telephone`,
      options: [
        { flags: '--kind <kind>', does: `${factorKinds.join(', ')}; totp, an authenticator app, when left out` },
        { flags: '--name <text>', does: 'what you or the user call it' },
        { flags: '--recipient <recipient>', does: "where codes go; the user's own number or address when left out" },
        { flags: '--service <service>', does: 'the service; default when left out' },
        { flags: '--algorithm <name>', does: 'of an app: SHA1, SHA256 or SHA512; SHA1 when left out' },
        { flags: '--digits <number>', does: 'of an app: 6 to 8; 6 when left out', parse: wholeNumber },
        tenantOption,
      ],
    },
    async (session, [id = ''], { tenant, kind = 'totp', ...wanted }) => {
      const path = await pathOf(session, given({ tenant }), id, 'factors');
      return shownEnrolled(session, await session.call<FactorBody>('POST', path, given({ kind, ...wanted })));
    },
  ),
  command<TenantOption>(
    {
      name: 'factor activate',
      takes: '<user> <factor> [code]',
      does: 'Activates a factor with its first code. Without a code it is asked for; - reads it from standard input.',
      example: `countersign factor activate ${user} ${factor} -`,
      options: [tenantOption],
    },
    async (session, [id = '', factorId = '', typed], owner) => {
      const code = await codeFrom(session.parts.terminal, typed);
      const path = await pathOf(session, owner, id, 'factors', factorId, 'activate');
      const body = await session.call<ActivatedBody>('POST', path, { code });
      return { json: body, text: body.result, exit: body.result === 'activated' ? exits.done : exits.refused };
    },
  ),
  command<TenantOption>(
    {
      name: 'factor send',
      takes: '<user> <factor>',
      does: 'Sends another code for a number or address that is not active yet.',
      example: `countersign factor send ${user} ${factor}`,
      options: [tenantOption],
    },
    async (session, [id = '', factorId = ''], owner) => {
      const path = await pathOf(session, owner, id, 'factors', factorId, 'sends');
      return shownEnrolled(session, await session.call<FactorBody>('POST', path, {}));
    },
  ),
  command<TenantOption & YesOption>(
    {
      name: 'factor remove',
      takes: '<user> <factor>',
      does: 'Removes a factor; the recovery codes go with the last active one.',
      example: `countersign factor remove ${user} ${factor} --yes`,
      options: [tenantOption, yesOption],
    },
    async (session, [id = '', factorId = ''], { yes, ...owner }) => {
      await session.confirm('removes the factor: its codes are refused from then on', yes);
      const body = await session.call<object>('DELETE', await pathOf(session, owner, id, 'factors', factorId));
      return { json: body, text: 'removed' };
    },
  ),
  command<TenantOption & YesOption>(
    {
      name: 'recovery-codes generate',
      takes: '<user>',
      does: 'Makes ten recovery codes and shows them, this once; those before work no longer.',
      example: `countersign recovery-codes generate ${user} --yes`,
      options: [tenantOption, yesOption],
    },
    async (session, [id = ''], { yes, ...owner }) => {
      await session.confirm('ends the recovery codes that the user has', yes);
      const path = await pathOf(session, owner, id, 'recovery-codes');
      return shownRecoveryCodes(await session.call<RecoveryCodesBody>('POST', path, {}));
    },
  ),
  command<TenantOption>(
    {
      name: 'recovery-codes count',
      takes: '<user>',
      does: 'Says how many recovery codes a user has left.',
      example: `countersign recovery-codes count ${user}`,
      options: [tenantOption],
    },
    async (session, [id = ''], owner) => {
      const path = await pathOf(session, owner, id, 'recovery-codes');
      return shownRecoveryCodes(await session.call<RecoveryCodesBody>('GET', path));
    },
  ),
];
