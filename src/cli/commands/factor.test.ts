import jsqr from 'jsqr';
import { expect, test } from 'vitest';
import { typed } from '../../../testing/cli.ts';
import type { Script } from '../../../testing/control-server.ts';
import { qrBlocks } from '../qr-blocks.ts';

const read = jsqr as unknown as typeof jsqr.default;
const id = '0192f000-0000-7000-8000-00000000000a';
const factorId = '0192f000-0000-7000-8000-00000000000b';
const uri =
  'otpauth://totp/Acme:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme&algorithm=SHA1&digits=6&period=30';
const factor = {
  id: factorId,
  kind: 'totp',
  status: 'pending',
  name: 'Telephone',
  recipient: null,
  createdAt: '2026-11-20T23:14:34.884Z',
  activatedAt: null,
  lastUsedAt: null,
};
const app = { ...factor, secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', otpauthUri: uri };
const number = { ...factor, kind: 'sms', recipient: '+33612345678', expiresAt: '2026-11-20T23:19:34.884Z' };
const codes = ['abcd-efgh', 'jkmn-pqrs'];
const at = `/admin/v1/tenants/${id}/users/${id}`;
const script: Script = {
  'GET /admin/v1/tenants': { body: { tenants: [{ id, name: 'Acme' }] } },
  [`GET ${at}/factors`]: { body: { factors: [factor] } },
  [`POST ${at}/factors`]: { status: 201, body: app },
  [`POST ${at}/factors/${factorId}/activate`]: { body: { result: 'activated', factor } },
  [`POST ${at}/factors/${factorId}/sends`]: { status: 201, body: number },
  [`DELETE ${at}/factors/${factorId}`]: { body: {} },
  [`POST ${at}/recovery-codes`]: { status: 201, body: { codes, left: 2, createdAt: factor.createdAt } },
  [`GET ${at}/recovery-codes`]: { body: { left: 7, createdAt: factor.createdAt } },
};

const lines: [line: string, asks: string, body: unknown, says: RegExp][] = [
  [`factor list ${id}`, `GET ${at}/factors`, undefined, /totp +pending +Telephone/],
  [`factor enrol ${id} --name Telephone`, `POST ${at}/factors`, { kind: 'totp', name: 'Telephone' }, /secret +GEZDG/],
  [
    `factor enrol ${id} --kind totp --algorithm SHA256 --digits 8`,
    `POST ${at}/factors`,
    { kind: 'totp', algorithm: 'SHA256', digits: 8 },
    /uri +otpauth:\/\/totp\/Acme:ada\?secret=/,
  ],
  [
    `factor activate ${id} ${factorId} 123456`,
    `POST ${at}/factors/${factorId}/activate`,
    { code: '123456' },
    /^activated\n$/,
  ],
  [`factor send ${id} ${factorId}`, `POST ${at}/factors/${factorId}/sends`, {}, /code until +2026-/],
  [`factor remove ${id} ${factorId} --yes`, `DELETE ${at}/factors/${factorId}`, undefined, /^removed\n$/],
  [`recovery-codes generate ${id} --yes`, `POST ${at}/recovery-codes`, {}, /^abcd-efgh\njkmn-pqrs\n\nThey are shown/],
  [`recovery-codes count ${id}`, `GET ${at}/recovery-codes`, undefined, /^7 recovery codes left\n$/],
];
test.each(lines)('%s', async (line, asks, body, says) => {
  const { exit, out, err, asked } = await typed(line.split(' '), script);
  expect([exit, err]).toEqual([0, '']);
  const { method, path, body: sent } = asked.at(-1) ?? {};
  expect([`${method} ${path}`, sent]).toEqual([asks, body]);
  expect(out).toMatch(says);
});

test('a first code that is wrong ends with 3', async () => {
  const wrong = { ...script, [`POST ${at}/factors/${factorId}/activate`]: { body: { result: 'wrong_code', factor } } };
  const { exit, out } = await typed(['factor', 'activate', id, factorId, '-'], wrong, { input: '000000\n' });
  expect([exit, out]).toEqual([3, 'wrong_code\n']);
});

test('a picture of the URI is drawn on a terminal, and nowhere else', async () => {
  const line = ['factor', 'enrol', id];
  const onTerminal = await typed(line, script, { answers: [] });
  expect(onTerminal.out).toContain(qrBlocks(uri));
  const [toFile, asJson] = [await typed(line, script), await typed([...line, '--json'], script, { answers: [] })];
  expect(toFile.out).not.toMatch(/[█▀▄]/);
  expect(JSON.parse(asJson.out)).toEqual(app);
});

test('a reader finds the URI in the picture', () => {
  const rows = qrBlocks(uri).split('\n');
  const light = rows.flatMap((row) => [
    [...row].map((block) => block === '█' || block === '▀'),
    [...row].map((block) => block === '█' || block === '▄'),
  ]);
  const scale = 4;
  const size = (light[0]?.length ?? 0) * scale;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let at = 0; at < size * size; at++) {
    const isLight = light[Math.floor(at / size / scale)]?.[Math.floor((at % size) / scale)] ?? true;
    if (!isLight) pixels.fill(0, 4 * at, 4 * at + 3);
  }
  expect(read(pixels, size, size)?.data).toBe(uri);
});

test('neither is removed nor replaced without anybody’s yes', async () => {
  for (const line of [
    ['factor', 'remove', id, factorId],
    ['recovery-codes', 'generate', id],
  ]) {
    const { exit, asked, err } = await typed(line, script);
    expect([exit, asked]).toEqual([2, []]);
    expect(err).toContain('--yes');
  }
});
