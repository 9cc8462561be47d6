/** Hard limits of the HTTP edge; nothing lets more through. Times are milliseconds. */
export interface HttpLimits {
  readonly bodyBytes: number;
  /** Request line and header fields together, as the parser counts them. */
  readonly headerBytes: number;
  readonly urlBytes: number;
  readonly connections: number;
  /** Being worked on at once; creates are turned away at half of it, see overload.ts. */
  readonly requests: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How often the two timeouts are looked at. By default Node looks only every 30 s. */
  readonly connectionsCheckingIntervalMs: number;
  /** Longer than the 60 s after which common load balancers drop an idle connection, so that they drop it and not we. */
  readonly keepAliveTimeoutMs: number;
  /** How long answers under way may take once the server is being closed. */
  readonly drainMs: number;
}

export const httpLimits: HttpLimits = {
  bodyBytes: 16 * 1024,
  headerBytes: 16 * 1024,
  urlBytes: 2 * 1024,
  connections: 2_000,
  requests: 1_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  connectionsCheckingIntervalMs: 1_000,
  keepAliveTimeoutMs: 65_000,
  drainMs: 10_000,
};

/** The limits with some of them lowered. A higher value than the hard one is ignored. */
export function tightened(wanted: Partial<HttpLimits>): HttpLimits {
  const lower = (name: keyof HttpLimits) => Math.min(httpLimits[name], wanted[name] ?? Number.POSITIVE_INFINITY);
  return {
    bodyBytes: lower('bodyBytes'),
    headerBytes: lower('headerBytes'),
    urlBytes: lower('urlBytes'),
    connections: lower('connections'),
    requests: lower('requests'),
    headersTimeoutMs: lower('headersTimeoutMs'),
    requestTimeoutMs: lower('requestTimeoutMs'),
    connectionsCheckingIntervalMs: lower('connectionsCheckingIntervalMs'),
    keepAliveTimeoutMs: lower('keepAliveTimeoutMs'),
    drainMs: lower('drainMs'),
  };
}
