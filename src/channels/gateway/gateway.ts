import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Message, Provider, ProviderOutcome } from '../../engine/provider.ts';
import { readCaFile } from '../ca-file.ts';
import { isTlsCode } from '../connect-error.ts';
import type { ProviderType } from '../provider-type.ts';
import { type GatewaySettings, gatewayProblems, gatewaySettings, secretBytes } from './gateway-settings.ts';
import { type PostResult, post } from './post.ts';
import { probe } from './probe.ts';

/** Hands messages to a sender of the team's own, which carries them as it likes. */
export const gateway: ProviderType<typeof gatewaySettings> = {
  type: 'gateway',
  description: 'Posts messages, signed, to an HTTP endpoint of your own',
  settings: gatewaySettings,
  channels: ({ channels = ['sms'] }) => channels,
  problems: gatewayProblems,
  create: (name, settings) => gatewayProvider(name, settings),
};

/**
 * @param now - milliseconds since 1970, of the machine's own clock: what the receiver compares with its own
 * @throws what reading `caFile` throws
 */
export function gatewayProvider(name: string, settings: GatewaySettings, now: () => number = Date.now): Provider {
  const { channels = ['sms'], deduplicates = false, timeoutSeconds = 8, caFile } = settings;
  const url = new URL(settings.url);
  const secret = secretBytes(settings.secret);
  const tls = { minVersion: 'TLSv1.2', ...(caFile === undefined ? {} : { ca: readCaFile(caFile) }) } as const;
  const pool = { keepAlive: true, maxSockets: socketsMax, maxFreeSockets: 16, timeout: idleMs };
  const agent = url.protocol === 'https:' ? new HttpsAgent({ ...pool, ...tls }) : new HttpAgent(pool);

  return {
    name,
    channels,
    deduplicates,
    async send(message, call) {
      const body = Buffer.from(JSON.stringify(bodyOf(message)));
      const headers = { ...fixedHeaders, ...signatureOf(message.reference, body, secret, now()) };
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
      return outcomeOf(await post({ url, agent, headers, body, signal }));
    },
    probe: (call) => probe(url, tls, call.signal),
    async close() {
      agent.destroy();
    },
  };
}

/** As many as the engine carries at once. */
const socketsMax = 256;
/** Less than the five seconds after which many servers hang up: a connection that is used again still stands. */
const idleMs = 4000;

const fixedHeaders = { 'content-type': 'application/json', 'user-agent': 'Countersign', accept: 'application/json' };

function bodyOf({ reference, channel, recipient, sender, brand, text, code, expiresAtMs }: Message) {
  const expiresAt = new Date(expiresAtMs).toISOString();
  return { id: reference, channel, recipient, sender, brand, text, code, expiresAt };
}

/** Source: Standard Webhooks, "Webhook signature". */
function signatureOf(id: string, body: Buffer, secret: Buffer, nowMs: number) {
  const timestamp = String(Math.floor(nowMs / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}

/** Statuses that promise that the message was not taken, and that a later try may fare better. */
const passing: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);
const gatewayTimeout = 504;

/** @throws Error for a status that leaves open whether the message was taken */
function outcomeOf(result: PostResult): ProviderOutcome {
  if (result.kind === 'not-sent') return { kind: 'unavailable', reason: reasonOf(result.code) };
  const { status, text } = result;
  if (status >= 200 && status < 300) return { kind: 'accepted', providerMessageId: messageIdIn(text) };
  if (status >= 300 && status < 400) return { kind: 'refused', reason: 'redirected' };
  // Something in between has given up waiting: what it waited for may go on.
  if (status === gatewayTimeout) throw new Error('something between us and the gateway did not wait for its answer');
  if (status >= 500 || passing.has(status)) return { kind: 'unavailable', reason: `gateway-${status}` };
  return { kind: 'refused', reason: refusalIn(text) ?? `gateway-${status}` };
}

function reasonOf(code: string): string {
  if (isTlsCode(code)) return 'tls-failed';
  return code === 'ABORT_ERR' ? 'timed-out' : 'cannot-connect';
}

function messageIdIn(text: string): string | undefined {
  const id = fieldOf(text, 'messageId');
  return typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? id : undefined;
}

function refusalIn(text: string): string | undefined {
  const reason = fieldOf(text, 'refused');
  return typeof reason === 'string' && /^[a-z0-9-]{1,64}$/.test(reason) ? reason : undefined;
}

/** A member of a JSON object; undefined where the text is anything else. */
function fieldOf(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? Reflect.get(value, name)
      : undefined;
  } catch {
    return undefined;
  }
}
