import { fields } from '../layout.ts';
import { command } from '../spec.ts';

export interface StatusBody {
  readonly version: string;
  readonly mode: string;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly sendingStopped: boolean;
  readonly startedAt: string;
  readonly clock: { readonly now: string; readonly confirmed: boolean; readonly steps: number };
  readonly queued: number;
  /** Number of the latest migration that the store has. */
  readonly schema: number;
}

const sending = '/admin/v1/sending';

export const serverCommands = [
  command(
    {
      name: 'dev',
      does: 'Starts development mode on this machine: an inbox in place of providers, one tenant, one key.',
      example: 'countersign dev --data-dir .countersign',
    },
    async ({ parts, where }) => parts.dev(where),
  ),
  command(
    {
      name: 'serve',
      does: 'Starts the server and goes on until it is told to stop.',
      example: 'countersign serve --config /etc/countersign/countersign.yaml',
    },
    async ({ parts, where }) => parts.serve(where),
  ),
  command(
    { name: 'status', does: 'Shows how the server is.', example: 'countersign status --json' },
    async ({ call, api, paint }) => {
      const body = await call<StatusBody>('GET', '/admin/v1/status');
      const { where } = await api();
      const { version, mode, ready, reasons, sendingStopped, startedAt, clock, queued, schema } = body;
      const pairs = [
        ['server', where === 'server' ? 'running' : 'not running'],
        ['version', version],
        ['mode', mode],
        ['ready', ready ? 'yes' : ['no', ...reasons]],
        ['sending', sendingStopped ? 'stopped' : 'on'],
        ...(where === 'server' ? ([['started', startedAt]] as const) : []),
        ['clock', `${clock.now}${clock.confirmed ? '' : ', not confirmed'}`],
        ['queued', queued],
        ['schema', schema],
      ] as const;
      return { json: { running: where === 'server', ...body }, text: fields(pairs, paint) };
    },
  ),
  command(
    {
      name: 'stop-sending',
      does: 'Stops all messages of all tenants at once, until resume-sending.',
      example: 'countersign stop-sending',
    },
    async ({ call }) => {
      const body = await call<{ stopped: boolean }>('PUT', sending, { stopped: true });
      return { json: body, text: 'sending is stopped; go on with: countersign resume-sending' };
    },
  ),
  command(
    { name: 'resume-sending', does: 'Lets messages go out again.', example: 'countersign resume-sending' },
    async ({ call }) => {
      const body = await call<{ stopped: boolean }>('PUT', sending, { stopped: false });
      return { json: body, text: 'messages go out again' };
    },
  ),
];
