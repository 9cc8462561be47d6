import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey, canonicalAddress, clientAddress, trustedProxies } from './client-address.ts';

const canonical: [spelling: string, address: string | undefined][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['192.0.2.01', undefined],
  ['192.0.2', undefined],
  ['0xc0000201', undefined],
  ['192.0.2.1 ', undefined],
  ['2001:db8::1::2', undefined],
  ['12345::', undefined],
  ['localhost', undefined],
  ['', undefined],
  ['1:'.repeat(8_000), undefined],
];

test.each(canonical)('reads %s as %s', (spelling, address) => {
  expect(canonicalAddress(spelling)).toBe(address);
});

const keys: [spelling: string, key: string | undefined][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['not an address', undefined],
];

test.each(keys)('limits %s under %s', (spelling, key) => {
  expect(addressKey(spelling)).toBe(key);
});

test('has one spelling and one key for every spelling of an IPv6 address', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 }),
      (groups) => {
        const long = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
        const short = canonicalAddress(long.toUpperCase());
        expect(short === undefined ? undefined : canonicalAddress(short)).toBe(short);
        expect(addressKey(short ?? '')).toBe(addressKey(long));
      },
    ),
  );
});

const PROXIES = trustedProxies(['10.0.0.0/8', 'fd00::/8', '192.0.2.9']);

const clients: [sentence: string, peer: string | undefined, header: string | undefined, address: string | undefined][] =
  [
    ['the peer when there is no header', '198.51.100.1', undefined, '198.51.100.1'],
    ['the peer when it is no proxy, whatever it forwards', '198.51.100.1', '203.0.113.5', '198.51.100.1'],
    ['what a proxy reports', '10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['what a proxy reports, when its address comes mapped', '::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['what an IPv6 proxy reports', 'fd00::7', '2001:DB8::0:5', '2001:db8::5'],
    ['the rightmost entry that no proxy made', '10.0.0.1', '1.1.1.1, 203.0.113.5, 192.0.2.9', '203.0.113.5'],
    ['the leftmost proxy when all are proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['an entry without its port', '10.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
    ['an IPv6 entry without its brackets and port', '10.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
    ['the proxy when it reports nonsense', '10.0.0.1', '203.0.113.5, unknown', '10.0.0.1'],
    ['the proxy when it reports nothing', '10.0.0.1', '', '10.0.0.1'],
    ['nothing when the peer has gone', undefined, '203.0.113.5', undefined],
  ];

test.each(clients)('takes %s', (_sentence, peer, header, address) => {
  expect(clientAddress(peer, header, PROXIES)).toBe(address);
});

test('believes nobody when no proxy is configured', () => {
  expect(clientAddress('127.0.0.1', '203.0.113.5', trustedProxies([]))).toBe('127.0.0.1');
});

test('stops after a bounded number of entries', () => {
  const header = Array.from({ length: 3_000 }, () => '10.0.0.1').join(',');
  expect(clientAddress('10.0.0.1', `203.0.113.5,${header}`, PROXIES)).toBe('10.0.0.1');
});

test.each(['10.0.0.0/33', '10.0.0.0/x', 'proxy.example', '', '10.0.0.0/'])(
  'refuses %j as a trusted proxy',
  (network) => {
    expect(() => trustedProxies([network])).toThrow();
  },
);
