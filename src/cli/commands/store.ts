import { resolve } from 'node:path';
import { amount, bytesText } from '../layout.ts';
import { progressLine } from '../progress.ts';
import { command, given, type TenantOption, tenantOption, type YesOption, yesOption } from '../spec.ts';

interface PurgeOptions extends TenantOption, YesOption {
  readonly recipient?: string;
}

export const storeCommands = [
  command(
    {
      name: 'migrate',
      does: 'Brings the store of a stopped server up to date; the start of a server does so too.',
      example: 'countersign migrate --data-dir /var/lib/countersign',
    },
    async ({ parts, where }) => {
      const progress = progressLine(parts.terminal, 'migrating');
      const done = await parts.migrate(where, progress.tell).finally(progress.end);
      const text = done.from === done.to ? `schema ${done.to}: nothing to do` : `schema ${done.from} became ${done.to}`;
      return { json: done, text };
    },
  ),
  command(
    {
      name: 'backup',
      takes: '<file>',
      does: 'Writes a copy of the store while the server goes on. The key file is not in it: keep that elsewhere.',
      example: 'countersign backup /var/backups/countersign.db',
    },
    async ({ long, parts }, [file = '']) => {
      const request = { method: 'POST', path: '/admin/v1/backup', body: { file: resolve(parts.cwd, file) } } as const;
      const body = await long<{ file: string; bytes: number }>('backing up', request);
      return { json: body, text: `wrote ${body.file} (${bytesText(body.bytes)})` };
    },
  ),
  command<YesOption>(
    {
      name: 'restore',
      takes: '<file>',
      does: 'Puts a backup in the place of the store of a stopped server.',
      example: 'countersign restore /var/backups/countersign.db --yes',
      options: [yesOption],
    },
    async ({ parts, where, confirm }, [file = ''], { yes }) => {
      await confirm('puts a backup in the place of the store; pending verifications end and queued sends drop', yes);
      const progress = progressLine(parts.terminal, 'restoring');
      const path = resolve(parts.cwd, file);
      const done = await parts.restore(where, path, progress.tell).finally(progress.end);
      return { json: done, text: restored(done) };
    },
  ),
  command<PurgeOptions>(
    {
      name: 'purge',
      does: 'Removes what is older than the settings say, or everything about one recipient.',
      example: 'countersign purge --recipient ada@example.com --yes',
      options: [
        { flags: '--recipient <recipient>', does: 'everything about this number or address, whatever its age' },
        { ...tenantOption, does: 'with --recipient: only what this tenant knows' },
        yesOption,
      ],
    },
    async (session, _, { recipient, tenant, yes }) => {
      await session.confirm(
        `removes ${recipient === undefined ? 'what is past its time' : 'everything about one recipient'} for good`,
        yes,
      );
      const owner = tenant === undefined ? undefined : (await session.tenant(tenant)).id;
      const path = recipient === undefined ? '/admin/v1/purge' : '/admin/v1/erasures';
      const request = { method: 'POST', path, body: given({ recipient, tenant: recipient && owner }) } as const;
      const body = await session.long<Record<string, unknown>>('purging', request);
      const later = body.logTruncated === false ? '; what was removed is overwritten on disk at the next purge' : '';
      const nothing = recipient === undefined ? 'nothing is past its time' : 'nothing is kept about this recipient';
      const removed = counted(body).join(', ');
      return { json: body, text: `${removed === '' ? nothing : `removed ${removed}`}${later}` };
    },
  ),
];

function restored({ missingKeys, bytes, takenAt, ...counts }: Readonly<Record<string, unknown>>): string {
  const missing =
    Array.isArray(missingKeys) && missingKeys.length > 0 ? [`add to the key file: ${missingKeys.join(', ')}`] : [];
  return [
    `restored ${bytesText(Number(bytes))}, taken ${takenAt ?? 'at a time it does not say'}`,
    ...counted(counts),
    ...missing,
    'revoke again the API keys and user tokens that were revoked after it was taken',
  ].join('\n');
}

/** What reports count, by the names they give it. */
const nouns: Readonly<Record<string, readonly [one: string, many: string]>> = {
  tenants: ['tenant', 'tenants'],
  verifications: ['verification', 'verifications'],
  verificationsEnded: ['pending verification ended', 'pending verifications ended'],
  sendsDropped: ['queued send dropped', 'queued sends dropped'],
  sessionsEnded: ['session ended', 'sessions ended'],
  rows: ['row', 'rows'],
  'purge-verifications': ['recipient of a verification', 'recipients of verifications'],
  'purge-verification-rows': ['verification', 'verifications'],
  'purge-addresses': ['end-user address', 'end-user addresses'],
  'purge-audit': ['audit entry', 'audit entries'],
  'purge-events': ['event', 'events'],
};

/** Counts by what they count, also those in a group of their own. */
function counted(body: object): string[] {
  return Object.entries(body).flatMap(([name, count]) => {
    if (typeof count === 'object' && count !== null && !Array.isArray(count)) return counted(count);
    return typeof count === 'number' && count > 0 ? [amount(count, ...(nouns[name] ?? [name, name]))] : [];
  });
}
