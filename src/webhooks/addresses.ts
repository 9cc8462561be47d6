import { BlockList, isIP } from 'node:net';

/** What a receiver's name may lead to. Ranges in CIDR notation, such as 10.0.0.0/8 or fd00::/8. */
export interface AddressRules {
  /** Development mode: anything. */
  readonly anywhere: boolean;
  /** Refused beside what always is. */
  readonly refused: readonly string[];
  /** Allowed although they are not public. */
  readonly allowed: readonly string[];
}

/**
 * Ranges of IPv4 that are no host on the public network.
 * Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890); multicast RFC 5771; reserved RFC 1112 section 4.
 */
const notPublic4 = rangesOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/** Of IPv6 only this is public at all: no loopback, link-local, unique-local, multicast, mapped IPv4 or NAT64. */
const global6 = rangesOf(['2000::/3']);

/** What of that is not: protocol assignments with Teredo and benchmarks, documentation, 6to4. RFC 6890, 9637. */
const notPublic6 = rangesOf(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/** Whether a connection to an address may be made. What is no address may not. */
export function addressJudge({ anywhere, refused, allowed }: AddressRules): (address: string) => boolean {
  const [more, exempt] = [rangesOf(refused), rangesOf(allowed)];
  return (address) => {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return false;
    if (anywhere) return true;
    if (holds(more, address)) return false;
    return holds(exempt, address) || isPublic(address, version);
  };
}

function isPublic(address: string, version: number): boolean {
  if (version === 4) return !holds(notPublic4, address);
  return holds(global6, address) && !holds(notPublic6, address);
}

interface Ranges {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

/** The two kinds are kept apart: a list would take an IPv4 address written as IPv6 for the same. */
function rangesOf(networks: readonly string[]): Ranges {
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    ranges[kind].addSubnet(address, prefix === undefined ? (kind === 'ipv6' ? 128 : 32) : Number(prefix), kind);
  }
  return ranges;
}

function holds(ranges: Ranges, address: string): boolean {
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return ranges[kind].check(address, kind);
}
