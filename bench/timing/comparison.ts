import { canonicalCode, codeOf } from '../../src/domain/code.ts';
import { codeSource } from '../../src/domain/verification.ts';
import type { Loaded } from '../../src/engine/command.ts';
import { checkVerification } from '../../src/engine/commands/check-verification.ts';
import { aCheck, aVerification, keys, noLimits } from '../../testing/builders.ts';
import { startMs } from '../../testing/clock.ts';
import type { Figure } from './figure.ts';
import { shuffled } from './shuffled.ts';
import { welchT } from './welch.ts';

const CHECKS = 20_000;
const WARM_UP = 5_000;
/** Garbage collections and interrupts hide a small difference: the slowest are also left out. */
const KEPT_SHARE = 0.99;

type Place = 'first' | 'last';

/** Whether the time of a check tells where the first wrong character stands. */
export function comparisonFigures(): Figure[] {
  const timesMs: Record<Place, number[]> = { first: [], last: [] };
  const timed = timer();
  for (const place of shuffled(alternating(WARM_UP))) timed(place);
  for (const place of shuffled(alternating(2 * CHECKS))) timesMs[place].push(timed(place));

  const { first, last } = timesMs;
  const longestMs = [...first, ...last].sort((a, b) => a - b)[Math.floor(2 * CHECKS * KEPT_SHARE)] ?? 0;
  const kept = (times: readonly number[]) => times.filter((time) => time < longestMs);
  const name = 'check, wrong in the first or the last character: |t|';
  const over = `2 × ${CHECKS} checks in this process`;
  const figure = { name, unit: '', below: 4.5, over, value: Math.abs(welchT(first, last)) };
  const value = Math.abs(welchT(kept(first), kept(last)));
  return [figure, { ...figure, value, over: `${over}, without the slowest hundredth` }];
}

function alternating(count: number): Place[] {
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 'first' : 'last'));
}

/** Times the whole rule of a check, of a verification that never changes: the rule is pure. */
function timer(): (place: Place) => number {
  const current = aVerification();
  const loaded: Loaded = {
    asked: () => true,
    askedPerson: () => false,
    verification: () => current,
    recipient: () => undefined,
    address: () => undefined,
    send: () => undefined,
    idempotency: () => undefined,
    service: () => undefined,
    apiKey: () => undefined,
    tenant: () => undefined,
    usage: () => undefined,
    auditHead: () => undefined,
    endpoints: () => [],
    deliveries: () => [],
    event: () => undefined,
    tagged: () => [],
    codeGuesses: () => [],
    user: () => undefined,
    factors: () => [],
    userByReference: () => undefined,
    userByLogin: () => undefined,
    challenge: () => undefined,
    session: () => undefined,
    sessionsOf: () => [],
  };
  const context = { nowMs: startMs + 1000, wallMs: startMs + 1000, keys, limits: noLimits };
  const right = codeOf(codeSource(current), keys);
  const typed = { first: wrongAt(right, 0), last: wrongAt(right, right.length - 1) };
  return (place) => {
    const text = typed[place];
    const fromMs = performance.now();
    const code = canonicalCode(text) ?? '';
    const decided = checkVerification.decide(aCheck({ verificationId: current.id, code }), loaded, context);
    const tookMs = performance.now() - fromMs;
    if (decided === 'stale' || decided.outcome.kind !== 'wrong-code') throw new Error('a wrong code was not wrong');
    return tookMs;
  };
}

function wrongAt(code: string, at: number): string {
  return code.slice(0, at) + ((Number(code.charAt(at)) + 1) % 10) + code.slice(at + 1);
}
