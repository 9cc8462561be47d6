import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The peers whose forwarding header is believed. */
export interface TrustedProxies {
  readonly size: number;
  has(address: string): boolean;
}

/** Nobody forwards through more proxies; further entries are not looked at. */
const MAX_HOPS = 16;

/**
 * @param networks - addresses or CIDR ranges: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`
 * @throws RangeError for an entry that is neither: a mistake in the settings
 */
export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return {
    size: networks.length,
    has: (address) => networks.length > 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'),
  };
}

/**
 * The address a request comes from, canonical, for the log and the audit trail. A forwarding header counts only when the
 * peer is a trusted proxy; then it is the rightmost entry that no trusted proxy made. An entry that is not an address
 * ends the search at the proxy that reported it.
 * @param socketAddress - the peer's, as Node gives it; undefined when it has already gone
 * @param forwardedFor - the whole `x-forwarded-for` header
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  proxies: TrustedProxies,
): string | undefined {
  const peer = canonicalAddress(socketAddress ?? '');
  if (peer === undefined || forwardedFor === undefined || !proxies.has(peer)) return peer;

  let nearest = peer;
  for (const entry of forwardedFor.split(',').slice(-MAX_HOPS).reverse()) {
    const address = canonicalAddress(withoutPort(entry.trim()));
    if (address === undefined) return nearest;
    if (!proxies.has(address)) return address;
    nearest = address;
  }
  return nearest;
}

/**
 * The key under which an address is limited: IPv4 whole, IPv6 by its /64, since one subscriber owns at least that.
 * @returns undefined when the text is not an IP address
 */
export function addressKey(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (groups === undefined) return isIPv4(text) ? text : undefined;
  return mappedIpv4(groups) ?? `${groups.slice(0, 4).map(hex).join(':')}::/64`;
}

/**
 * One spelling for each address: IPv4 in dots, also where it came mapped into IPv6, and IPv6 as in RFC 5952, without a
 * zone.
 */
export function canonicalAddress(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (groups === undefined) return isIPv4(text) ? text : undefined;
  return mappedIpv4(groups) ?? shortened(groups);
}

/** The eight 16-bit groups of an IPv6 address, or undefined. 45 characters is the longest spelling without a zone. */
function ipv6Groups(text: string): number[] | undefined {
  if (text.length > 80 || !text.includes(':')) return undefined;
  const [address = ''] = text.split('%', 1);
  if (!isIPv6(address)) return undefined;

  const [head = '', tail] = withHexTail(address).split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** Rewrites a dotted ending, `::ffff:1.2.3.4`, as two groups. */
function withHexTail(address: string): string {
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  if (!dotted.includes('.')) return address;
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${address.slice(0, -dotted.length)}${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
}

function groupsOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

function mappedIpv4(groups: readonly number[]): string | undefined {
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : undefined;
}

/** @see RFC 5952 §4.2: the first of the longest runs of at least two zero groups becomes `::` */
function shortened(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    const rest = groups.slice(start).findIndex((group) => group !== 0);
    const length = rest === -1 ? 8 - start : rest;
    if (length > best.length) best = { start, length };
  }
  if (best.length === 1) return groups.map(hex).join(':');
  const left = groups.slice(0, best.start).map(hex).join(':');
  return `${left}::${groups
    .slice(best.start + best.length)
    .map(hex)
    .join(':')}`;
}

function hex(group: number): string {
  return group.toString(16);
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  if (entry.startsWith('[')) return entry.slice(1, entry.indexOf(']'));
  const colon = entry.indexOf(':');
  return colon !== -1 && colon === entry.lastIndexOf(':') ? entry.slice(0, colon) : entry;
}

/** Whether a text is an address or a range that `trustedProxies` takes, and nothing besides, such as a zone. */
export function isNetwork(text: string): boolean {
  if (!/^[0-9a-fA-F.:]+(?:\/[0-9]{1,3})?$/.test(text)) return false;
  try {
    trustedProxies([text]);
    return true;
  } catch {
    return false;
  }
}

function addNetwork(list: BlockList, network: string): void {
  const [text = '', length] = network.split('/');
  const address = canonicalAddress(text);
  if (address === undefined)
    throw new RangeError('a trusted proxy must be an IP address or a range such as 10.0.0.0/8');

  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const bits = length ?? (family === 'ipv4' ? '32' : '128');
  if (!/^\d{1,3}$/.test(bits)) throw new RangeError('the prefix length of a trusted proxy range must be a number');
  list.addSubnet(address, Number(bits), family);
}
