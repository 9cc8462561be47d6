import { type CallbackUrlRules, strictCallbackUrls } from '../domain/callback-url.ts';
import type { CallbackFace } from '../engine/events.ts';
import type { WebhookTransport } from '../engine/webhook-transport.ts';
import { dingCallbacks } from '../faces/ding/mapping.ts';
import { smscxCallbacks } from '../faces/smscx/mapping.ts';
import { smsworksCallbacks } from '../faces/smsworks/mapping.ts';
import { addressJudge } from '../webhooks/addresses.ts';
import { httpTransport } from '../webhooks/http-transport.ts';
import { resolveLocally, resolvePublic } from '../webhooks/resolver.ts';

/** Which addresses may be called; `anywhere` is for development mode alone. */
export type CallbackRules =
  | 'anywhere'
  | {
      /** Ports beside 443. */
      readonly ports: readonly number[];
      /** Ranges that are refused beside those that are not public, and some of those that may be called all the same. */
      readonly refused: readonly string[];
      readonly allowed: readonly string[];
    };

/** How faces tell of events in their vendors' words: each face that does is here. @param currency - of the prices */
export function callbackFaces(currency: string): readonly CallbackFace[] {
  return [smsworksCallbacks, smscxCallbacks, dingCallbacks(currency)];
}

export function callbackUrlRules(rules: CallbackRules | undefined): CallbackUrlRules {
  if (rules === 'anywhere') return { anywhere: true, ports: [] };
  return rules === undefined ? strictCallbackUrls : { anywhere: false, ports: rules.ports };
}

export function transportFor(rules: CallbackRules | undefined): WebhookTransport {
  const anywhere = rules === 'anywhere';
  const { refused, allowed } = anywhere || rules === undefined ? { refused: [], allowed: [] } : rules;
  return httpTransport({
    urls: callbackUrlRules(rules),
    resolve: anywhere ? resolveLocally : resolvePublic,
    mayCall: addressJudge({ anywhere, refused, allowed }),
  });
}
