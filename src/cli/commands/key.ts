import { amount, fields, table } from '../layout.ts';
import { command, type YesOption, yesOption } from '../spec.ts';

export interface KeyBody {
  readonly ring: string;
  readonly id: string;
  readonly active: boolean;
  /** Rows that need it. */
  readonly rows: number;
}

const path = '/admin/v1/keys';

export const keyCommands = [
  command(
    {
      name: 'key usage',
      does: 'Shows the keys of every ring, and how many rows still need each.',
      example: 'countersign key usage',
    },
    async ({ call, paint }) => {
      const body = await call<{ keys: readonly KeyBody[] }>('GET', path);
      const text = table(
        body.keys,
        [
          ['ring', ({ ring }) => ring],
          ['key', ({ id }) => id],
          ['active', ({ active }) => active],
          ['rows', ({ rows }) => rows],
        ],
        paint,
        'there is no key',
      );
      return { json: body, text };
    },
  ),
  command(
    {
      name: 'key rotate',
      takes: '<ring>',
      does: 'Makes a new key for a ring (pepper, data); the old one goes on for what was made with it.',
      example: 'countersign key rotate pepper',
    },
    async ({ call, paint }, [ring = '']) => {
      const body = await call<Pick<KeyBody, 'ring' | 'id'>>('POST', `${path}/${encodeURIComponent(ring)}/rotate`, {});
      const pairs = [
        ['ring', body.ring],
        ['new key', body.id],
      ] as const;
      return { json: body, text: fields(pairs, paint) };
    },
  ),
  command(
    {
      name: 'key rewrap',
      does: 'Seals again, under the active data key, what older ones seal.',
      example: 'countersign key rewrap',
    },
    async ({ long }) => {
      const body = await long<{ rows: number }>('rewrapping', { method: 'POST', path: `${path}/rewrap`, body: {} });
      return { json: body, text: `rewrapped ${amount(body.rows, 'row')}` };
    },
  ),
  command<YesOption>(
    {
      name: 'key retire',
      takes: '<ring> <key>',
      does: 'Removes a key that no row needs any more.',
      example: 'countersign key retire pepper k-1f2e3d4c --yes',
      options: [yesOption],
    },
    async ({ call, confirm }, [ring = '', id = ''], { yes }) => {
      await confirm('removes the key for good; backups made before need it', yes);
      const one = `${path}/${encodeURIComponent(ring)}/${encodeURIComponent(id)}`;
      const body = await call<Pick<KeyBody, 'ring' | 'id'>>('DELETE', one);
      return { json: body, text: `removed ${body.id} from the ${body.ring} ring` };
    },
  ),
];
