import { addressKey } from './client-address.ts';
import { EdgeRefusal } from './edge-error.ts';

/** Of the end user, as a caller passed it: the key by which creates are limited. @throws EdgeRefusal when it is none */
export function endUserAddress(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  const address = addressKey(ip);
  if (address !== undefined) return address;
  throw new EdgeRefusal({ kind: 'invalid', field: 'signals/ip', remedy: 'must be an IPv4 or IPv6 address' });
}
