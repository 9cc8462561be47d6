import { openSecret } from '../domain/webhook.ts';
import { webhookSignature } from '../domain/webhook-signature.ts';
import type { ClaimedEndpoint } from './commands/carry-delivery.ts';
import type { Directory } from './directory.ts';
import type { CallbackFace, RecordedEvent, VerificationEvent } from './events.ts';
import type { KeySource } from './key-source.ts';
import type { WebhookCall } from './webhook-transport.ts';

/** How an event is told to an endpoint, as JSON text. */
export type WordEvent = (event: RecordedEvent, options: { readonly fullRecipient: boolean }) => string;

export interface WordingOptions {
  readonly directory: Directory;
  readonly keys: KeySource;
  /** Our own words, for endpoints. */
  readonly word: WordEvent;
  /** Those of vendors, for the addresses that their requests named. */
  readonly callbackFaces: readonly CallbackFace[];
  /** How the server names itself. */
  readonly userAgent: string;
}

/** @returns undefined where nothing is to be told */
export async function wordedCall(
  stored: string,
  endpoint: ClaimedEndpoint | undefined,
  options: WordingOptions,
  nowMs: number,
): Promise<WebhookCall | undefined> {
  const recorded = JSON.parse(stored) as RecordedEvent;
  const event = 'verification' in recorded ? await withSender(recorded, options.directory) : recorded;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': options.userAgent };
  if (endpoint !== undefined) {
    const body = options.word(event, endpoint);
    return { url: endpoint.url, headers: { ...headers, ...signed(event, endpoint, body, options, nowMs) }, body };
  }
  // Only requests for a verification name an address of their own.
  if (!('verification' in event)) return undefined;
  const { face, terms } = event.verification;
  const body = options.callbackFaces.find(({ name }) => name === face)?.word(event);
  return body === undefined || terms?.callbackUrl === undefined ? undefined : { url: terms.callbackUrl, headers, body };
}

/** The headers of the Standard Webhooks specification. */
export function signed(
  { id, tenantId }: Pick<RecordedEvent, 'id' | 'tenantId'>,
  endpoint: Pick<ClaimedEndpoint, 'id' | 'secrets'>,
  body: string,
  { keys }: Pick<WordingOptions, 'keys'>,
  nowMs: number,
): Readonly<Record<string, string>> {
  const seconds = Math.floor(nowMs / 1000);
  const secrets = endpoint.secrets.map((secret) => openSecret(secret, { tenantId, id: endpoint.id }, keys.current()));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': webhookSignature(secrets, id, seconds, body),
  };
}

/** Where the request named no sender, it was the service's. */
async function withSender(event: VerificationEvent, directory: Directory): Promise<VerificationEvent> {
  if (event.send === undefined || event.send.sender !== '') return event;
  const service = await directory.service(event.tenantId, event.verification.service);
  return { ...event, send: { ...event.send, sender: service?.sender ?? '' } };
}
