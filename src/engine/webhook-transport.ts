/** One call to a receiver. */
export interface WebhookCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** No answer came. `reason` is a stable name such as `timeout` or `private-address`. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/** Carries events to receivers. It judges each address, and never throws for what a receiver or the network does. */
export interface WebhookTransport {
  post(call: WebhookCall, signal: AbortSignal): Promise<WebhookAnswer>;
}
