import type { Usage } from './ceiling.ts';

/** So large that no sum on the way to it loses a millionth. */
export const balanceMaxMicros = 1_000_000_000_000_000;

/** Takes the price of a message from what is left, or, with a negative one, gives it back. */
export function withPriceTaken(usage: Usage, priceMicros: number): Usage {
  return { ...usage, balanceMicros: (usage.balanceMicros ?? 0) - priceMicros };
}

/** Whether what is left pays for a message. One that costs nothing needs nothing. */
export function covers({ balanceMicros = 0 }: Usage, priceMicros: number): boolean {
  return priceMicros <= 0 || balanceMicros >= priceMicros;
}
