import { covers, withPriceTaken } from '../domain/balance.ts';
import { withOneSend } from '../domain/ceiling.ts';
import { fullWindow, secondsUntil, type WindowFull, withOneMore } from '../domain/limits.ts';
import { newAddress, type RecipientState } from '../domain/recipient-state.ts';
import { cameToNothing, type Send } from '../domain/send.ts';
import { type Context, type Loaded, nothing, type Reads, type Writes } from './command.ts';
import type { Notice } from './notice.ts';

export interface Limited extends WindowFull {
  readonly kind: 'limited';
  readonly retryAfterSeconds: number;
  readonly scope: 'recipient' | 'address';
}

/** Why no message goes out, whatever the verification says. */
export type NotCharged =
  | Limited
  /** The tenant's messages of the day are used up. */
  | { readonly kind: 'ceiling-reached'; readonly retryAfterSeconds: number; readonly retryAtMs: number }
  | { readonly kind: 'ceiling-not-set' }
  /** The tenant has paid for less than this costs. */
  | { readonly kind: 'insufficient-balance' };

export interface Charged {
  readonly kind: 'charged';
  /** The recipient as it is from now on; the caller writes it, since it may have more to say of it. */
  readonly recipient: RecipientState;
  readonly writes: Pick<Writes, 'addresses' | 'usage'>;
  readonly notice?: Notice | undefined;
  /** What the tenant has left, where it pays beforehand. */
  readonly balanceMicros?: number | undefined;
  /** What was taken of it. */
  readonly takenMicros?: number | undefined;
}

export interface Asked {
  readonly tenantId: string;
  /** Canonical end-user address, where the caller passed one. */
  readonly address?: string | undefined;
  /** To a test number: nothing goes out, so that nothing is counted. */
  readonly test: boolean;
  /** What the message costs; nothing when absent. */
  readonly priceMicros?: number | undefined;
}

/** The rows that `charge` looks at besides the recipient's. */
export function chargeReads(address?: string): Pick<Required<Reads>, 'tenant' | 'usage' | 'addresses'> {
  return { tenant: true, usage: true, addresses: address === undefined ? undefined : [address] };
}

/** Charges one message to every limit that it counts towards, or says which of them is used up and charges none. */
export function charge(
  asked: Asked,
  recipient: RecipientState,
  loaded: Loaded,
  context: Context,
): NotCharged | Charged {
  const { limits, nowMs } = context;
  if (asked.test) return { kind: 'charged', recipient: { ...recipient, updatedAtMs: nowMs }, writes: {} };

  const recipientFull = fullWindow(recipient.sendTimes, limits.recipientSends, nowMs);
  if (recipientFull !== undefined) return limited('recipient', recipientFull, nowMs);
  const address = addressCharge(asked, loaded, context);
  if (address.kind === 'limited') return address;
  const tenant = loaded.tenant();
  const day = withOneSend(loaded.usage(), tenant?.dailySendsMax ?? 0, nowMs);
  if (day.kind === 'ceiling-reached') return { ...day, retryAfterSeconds: secondsUntil(day.retryAtMs, nowMs) };
  if (day.kind === 'ceiling-not-set') return day;
  const price = tenant?.prepaid === true ? (asked.priceMicros ?? 0) : undefined;
  if (price !== undefined && !covers(day.usage, price)) return { kind: 'insufficient-balance' };

  const sendTimes = withOneMore(recipient.sendTimes, limits.recipientSends, nowMs);
  const charged = {
    kind: 'charged',
    recipient: { ...recipient, sendTimes, updatedAtMs: nowMs },
    writes: { ...address.writes, usage: day.usage },
    notice: day.notice && { kind: day.notice, tenantId: asked.tenantId },
  } as const;
  if (price === undefined) return charged;
  const usage = withPriceTaken(day.usage, price);
  const { balanceMicros } = usage;
  const taken = price > 0 ? { takenMicros: price } : {};
  return { ...charged, writes: { ...charged.writes, usage }, balanceMicros, ...taken };
}

/** A send that says what was taken for it, so that the very same can be given back. */
export function paid(send: Send, { takenMicros }: Charged): Send {
  return takenMicros === undefined ? send : { ...send, takenMicros };
}

/** What was taken for a send that came to nothing goes back, in the commit that says so. Looks at the row of usage. */
export function givenBack(send: Send, loaded: Loaded): Pick<Writes, 'usage'> {
  const { takenMicros = 0 } = send;
  const usage = takenMicros > 0 && cameToNothing(send) ? loaded.usage() : undefined;
  return usage === undefined ? nothing : { usage: withPriceTaken(usage, -takenMicros) };
}

function addressCharge({ tenantId, address }: Asked, loaded: Loaded, { limits, nowMs }: Context) {
  if (address === undefined) return { kind: 'counted', writes: {} } as const;
  const from = loaded.address(address) ?? newAddress(tenantId, address);
  const full = fullWindow(from.createTimes, limits.addressCreates, nowMs);
  if (full !== undefined) return limited('address', full, nowMs);
  const createTimes = withOneMore(from.createTimes, limits.addressCreates, nowMs);
  return { kind: 'counted', writes: { addresses: [{ ...from, createTimes, updatedAtMs: nowMs }] } } as const;
}

function limited(scope: Limited['scope'], full: WindowFull, nowMs: number): Limited {
  return { kind: 'limited', scope, ...full, retryAfterSeconds: secondsUntil(full.retryAtMs, nowMs) };
}
