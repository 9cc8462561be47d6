import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { otpauthUri } from '../domain/totp.ts';
import { qrCodeOf } from './qr-code.ts';

const read = jsqr as unknown as typeof jsqr.default;
const secret = Buffer.from('3132333435363738393031323334353637383930', 'hex');
const longest = { issuer: 'Ä'.repeat(50), account: '漢'.repeat(64) };

const texts: [what: string, text: string][] = [
  [
    'a usual URI of an authenticator app',
    otpauthUri(secret, { algorithm: 'SHA1', digits: 6 }, { issuer: 'Acme & Co', account: 'ada@example.com' }),
  ],
  ['the longest URI there can be', otpauthUri(secret, { algorithm: 'SHA512', digits: 8 }, longest)],
];

function pixelsOf(png: string) {
  const [head, body = ''] = png.split(',');
  expect(head).toBe('data:image/png;base64');
  return PNG.sync.read(Buffer.from(body, 'base64'));
}

test.each(texts)('a reader finds %s in the PNG image', (_, text) => {
  const { width, height, data } = pixelsOf(qrCodeOf(text).png);
  expect(read(new Uint8ClampedArray(data), width, height)?.data).toBe(text);
});

test.each(texts)('the SVG image of %s is the same as the PNG image, module by module', (_, text) => {
  const { svg, png } = qrCodeOf(text);
  const drawn = modulesOf(svg);
  const { width, data } = pixelsOf(png);
  const scale = width / drawn.length;
  expect(Number.isInteger(scale)).toBe(true);
  const isBlack = (column: number, row: number) => data[4 * (row * scale * width + column * scale)] === 0;
  const printed = drawn.map((row, y) => row.map((_black, x) => isBlack(x, y)));
  expect(drawn).toEqual(printed);
});

test('four modules on each side are white', () => {
  const modules = modulesOf(qrCodeOf('otpauth://totp/a').svg);
  const size = modules.length;
  const isEdge = (at: number) => at < 4 || at >= size - 4;
  expect(modules.some((row, y) => row.some((black, x) => black && (isEdge(x) || isEdge(y))))).toBe(false);
  expect(modules[4]?.[4]).toBe(true);
});

/** The modules that an SVG document fills, quiet zone included: black where a ray to the right crosses an odd number of edges. */
function modulesOf(svg: string): boolean[][] {
  const [, least = '0', size = '0'] = /viewBox="(-?\d+) -?\d+ (\d+) /.exec(svg) ?? [];
  const [, path = ''] = /<path d="([^"]*)" fill="black"/.exec(svg) ?? [];
  expect(svg).toMatch(/<rect [^>]*fill="white"/);
  const upright = path
    .split('Z')
    .filter((part) => part !== '')
    .flatMap(edgesOf)
    .filter(([from, to]) => from.x === to.x);
  const first = Number(least);
  return Array.from({ length: Number(size) }, (_row, y) =>
    Array.from({ length: Number(size) }, (_column, x) => {
      const [at, height] = [first + x + 0.5, first + y + 0.5];
      const crossed = upright.filter(
        ([from, to]) => from.x > at && Math.min(from.y, to.y) < height && Math.max(from.y, to.y) > height,
      );
      return crossed.length % 2 === 1;
    }),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The sides of one outline: `M0 0L7 0L7 7`. */
function edgesOf(outline: string): (readonly [Point, Point])[] {
  const points = [...outline.matchAll(/[ML](-?\d+) (-?\d+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  return points.map((point, at) => [point, points[(at + 1) % points.length] ?? point] as const);
}
