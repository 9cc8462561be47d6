/** Messages of one tenant on one day, and what it has left of what it paid. */
export interface Usage {
  /** Days since 1 January 1970, UTC. */
  readonly day: number;
  readonly sends: number;
  /** Paid beforehand and not used up, in millionths of the currency; none when absent. */
  readonly balanceMicros?: number | undefined;
}

/** What an operator wants to hear of: most of the day's messages are used up, or all. */
export type CeilingNotice = 'ceiling-warning' | 'ceiling-reached';

export type Counted =
  | { readonly kind: 'counted'; readonly usage: Usage; readonly notice?: CeilingNotice | undefined }
  /** Nothing is counted: the day's messages are used up, until the next day begins. */
  | { readonly kind: 'ceiling-reached'; readonly retryAtMs: number }
  /** No ceiling was ever set, so that nothing may be sent. */
  | { readonly kind: 'ceiling-not-set' };

const dayMs = 86_400_000;
const warningShare = 0.8;

/** Charges one message to a tenant's day. @param usage - what is written down, of today or of an earlier day */
export function withOneSend(usage: Usage | undefined, ceiling: number, nowMs: number): Counted {
  if (ceiling <= 0) return { kind: 'ceiling-not-set' };
  const day = Math.floor(nowMs / dayMs);
  const before = usage?.day === day ? usage.sends : 0;
  if (before >= ceiling) return { kind: 'ceiling-reached', retryAtMs: (day + 1) * dayMs };
  const sends = before + 1;
  const balanceMicros = usage?.balanceMicros;
  const counted = balanceMicros === undefined ? { day, sends } : { day, sends, balanceMicros };
  return { kind: 'counted', usage: counted, notice: noticeAt(sends, ceiling) };
}

/** Said once a day each, by the very message that crosses the line. */
function noticeAt(sends: number, ceiling: number): CeilingNotice | undefined {
  if (sends === ceiling) return 'ceiling-reached';
  return sends === Math.ceil(ceiling * warningShare) ? 'ceiling-warning' : undefined;
}
