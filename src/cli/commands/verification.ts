import { command, type TenantOption, tenantOption, wholeNumber, withQuery } from '../spec.ts';
import { checkCommand } from './check.ts';
import { sendCommand } from './send.ts';
import {
  type DetailsBody,
  listedVerifications,
  shownDetails,
  shownVerification,
  type VerificationBody,
} from './verification-view.ts';

interface ListOptions extends TenantOption {
  readonly recipient?: string;
  readonly status?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const path = '/v1/verifications';
const one = (id: string | undefined) => `${path}/${encodeURIComponent(id ?? '')}`;

export const verificationCommands = [
  sendCommand,
  checkCommand,
  command<ListOptions>(
    {
      name: 'verification list',
      does: 'Lists the verifications of a tenant, newest first.',
      example: 'countersign verification list --recipient +33612345678 --status pending',
      options: [
        { flags: '--recipient <recipient>', does: 'only of this number or address' },
        { flags: '--status <status>', does: 'only pending, verified, failed, expired or cancelled' },
        { flags: '--limit <number>', does: 'most on a page, 1 to 100; 20 when left out', parse: wholeNumber },
        { flags: '--cursor <id>', does: 'where the page begins, as the one before said' },
        tenantOption,
      ],
    },
    async (session, _, { tenant, ...filter }) => {
      const { id } = await session.tenant(tenant);
      const body = await session.call<{ verifications: readonly VerificationBody[]; nextCursor: string | null }>(
        'GET',
        withQuery(path, filter),
        undefined,
        id,
      );
      return { json: body, text: listedVerifications(session, body.verifications, body.nextCursor) };
    },
  ),
  command<TenantOption>(
    {
      name: 'verification show',
      takes: '<id>',
      does: 'Shows one verification: what happened to it, and its messages.',
      example: 'countersign verification show 01a1fb3d-8303-7484-ab6e-32f17a3223fc',
      options: [tenantOption],
    },
    async (session, [id], { tenant }) => {
      const owner = await session.tenant(tenant);
      return shownDetails(session, await session.call<DetailsBody>('GET', one(id), undefined, owner.id));
    },
  ),
  command<TenantOption>(
    {
      name: 'verification cancel',
      takes: '<id>',
      does: 'Ends a pending verification.',
      example: 'countersign verification cancel 01a1fb3d-8303-7484-ab6e-32f17a3223fc',
      options: [tenantOption],
    },
    async (session, [id], { tenant }) => {
      const owner = await session.tenant(tenant);
      const body = await session.call<VerificationBody>('POST', `${one(id)}/cancel`, {}, owner.id);
      return shownVerification(session, body);
    },
  ),
];
