import { amount, fields, table } from '../layout.ts';
import type { Reply, Session } from '../session.ts';

export interface CodePolicyBody {
  readonly length: number;
  readonly alphabet: string;
  readonly ttlSeconds: number;
  readonly maxAttempts: number;
}

export interface ServiceBody {
  readonly name: string;
  readonly brand: string;
  readonly sender: string;
  readonly channels: readonly string[];
  readonly countries: readonly string[];
  readonly codePolicy: CodePolicyBody;
  readonly weakCodes: boolean;
  readonly senders: readonly string[];
  readonly whilePending: string;
  readonly retryChannels: readonly string[];
  readonly callbackUrl: string | null;
  readonly testNumbers: readonly { readonly recipient: string; readonly validUntil: string | null }[];
}

/** Of all services of a tenant, or of one. */
export function servicesPath(tenantId: string, name?: string): string {
  const path = `/admin/v1/tenants/${tenantId}/services`;
  return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
}

export function shownService({ paint }: Session, service: ServiceBody): Reply {
  const { name, brand, sender, channels, countries, codePolicy, weakCodes, testNumbers } = service;
  const { senders, whilePending, retryChannels, callbackUrl } = service;
  const { length, alphabet, ttlSeconds, maxAttempts } = codePolicy;
  const pairs = [
    ['name', name],
    ['brand', brand],
    ['sender', sender],
    ['channels', channels],
    ['countries', countries],
    ['codes', `${length} ${alphabet} for ${ttlSeconds} s, ${amount(maxAttempts, 'attempt')}`],
    ['weak codes', weakCodes],
    ['senders', senders.length === 0 ? 'any' : senders],
    ['while pending', whilePending],
    ['retry channels', retryChannels],
    ['callback', callbackUrl],
    ['test numbers', testNumbers.length],
  ] as const;
  const numbers = table(
    testNumbers,
    [
      ['test number', ({ recipient }) => recipient],
      ['valid until', ({ validUntil }) => validUntil],
    ],
    paint,
    '',
  );
  return { json: service, text: [fields(pairs, paint), numbers].filter((part) => part !== '').join('\n\n') };
}
