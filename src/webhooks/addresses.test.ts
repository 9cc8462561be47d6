import { expect, test } from 'vitest';
import { addressJudge } from './addresses.ts';

const strict = addressJudge({ anywhere: false, refused: [], allowed: [] });

/** The first and last address of every range that is not public, and their public neighbours. */
const refused: [range: string, ...addresses: string[]][] = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private 10/8', '10.0.0.0', '10.255.255.255'],
  ['shared 100.64/10', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.0', '127.0.0.1', '127.255.255.255'],
  ['link-local, where clouds keep their secrets', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ['private 172.16/12', '172.16.0.0', '172.31.255.255'],
  ['protocol assignments', '192.0.0.0', '192.0.0.170', '192.0.0.255'],
  ['documentation', '192.0.2.0', '192.0.2.255', '198.51.100.0', '198.51.100.255', '203.0.113.0', '203.0.113.255'],
  ['6to4 relays', '192.88.99.0', '192.88.99.255'],
  ['private 192.168/16', '192.168.0.0', '192.168.255.255'],
  ['benchmarks', '198.18.0.0', '198.19.255.255'],
  ['multicast', '224.0.0.0', '239.255.255.255'],
  ['reserved', '240.0.0.0', '255.255.255.254'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['mapped IPv4', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '0:0:0:0:0:ffff:a00:1'],
  ['IPv4-compatible', '::8.8.8.8', '::127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  ['discard', '100::', '100::1'],
  ['protocol assignments', '2001::', '2001:1ff:ffff::'],
  ['Teredo', '2001:0:53aa:64c::1'],
  ['IPv6 benchmarks', '2001:2::1'],
  ['ORCHID', '2001:10::1', '2001:20::1'],
  ['IPv6 documentation', '2001:db8::', '2001:db8:ffff::1', '3fff::', '3fff:fff::1'],
  ['6to4', '2002::', '2002:7f00:1::', '2002:ffff::1'],
  ['unique-local', 'fc00::', 'fd00::1', 'fdff:ffff::'],
  ['link-local', 'fe80::', 'fe80::1', 'febf:ffff::', 'fe80::1%eth0'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff00::', 'ff02::1', 'ffff:ffff::'],
  ['what is not assigned', '4000::1', '1fff:ffff::1', '8000::1'],
  ['no address', '', 'localhost', '127.1', '1.2.3.4.5', '8.8.8.8 '],
];
test.each(refused)('%s is refused', (_, ...addresses) => {
  expect(addresses.filter(strict)).toEqual([]);
});

test('public addresses may be called, next to every range that may not', () => {
  const neighbours = [
    ...[
      '1.0.0.0',
      '8.8.8.8',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0'],
    ...['192.88.98.255', '192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
    ...['198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
    ...['2000::1', '2001:200::', '2001:4860:4860::8888', '2001:db7::1', '2001:db9::1', '2003::1', '2606:4700::1111'],
    ...['3ffe::1', '3fff:1000::1', '2a00:1450::1'],
  ];
  expect(neighbours.filter((address) => !strict(address))).toEqual([]);
});

test('an operator can refuse more and allow some, and a refusal goes first', () => {
  const judge = addressJudge({
    anywhere: false,
    refused: ['8.8.8.0/24', '2606:4700::/32', '10.1.0.0/16'],
    allowed: ['10.0.0.0/8', 'fd00::/8', '192.168.1.7'],
  });
  const may = ['10.0.0.1', 'fd12::1', '192.168.1.7', '8.8.4.4'];
  const mayNot = ['8.8.8.8', '2606:4700::1', '10.1.2.3', '192.168.1.8', '127.0.0.1', '::ffff:10.0.0.1'];
  expect([...may, ...mayNot].filter(judge)).toEqual(may);
});

test('development mode calls anything that is an address', () => {
  const judge = addressJudge({ anywhere: true, refused: [], allowed: [] });
  expect(['127.0.0.1', '::1', '10.0.0.1', 'localhost'].filter(judge)).toEqual(['127.0.0.1', '::1', '10.0.0.1']);
});
