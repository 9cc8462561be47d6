/*
 * What a recipient's verifications are expected to do, written once more and as plainly as possible: no hashing, no
 * rows, nothing of the product's own rules. Numbers stand here as figures on purpose.
 */

export interface ModelVerification {
  readonly reference: string;
  readonly attemptsMax: number;
  readonly expiresAtMs: number;
  ended?: 'verified' | 'failed' | 'cancelled';
  attemptsUsed: number;
  sends: number;
  nextSendAtMs: number;
  /** Rises with each new code; only the newest one counts. */
  generation: number;
}

export interface ModelCreate {
  readonly reference: string;
  readonly separate: boolean;
  readonly ttlSeconds: number;
  readonly attemptsMax: number;
}

const seconds = 1000;
const hours = 3600 * seconds;
const gaps = [30, 60, 120, 240];

/** One recipient of one service. Answers are sentences, so that a difference can be read. */
export class Model {
  readonly verifications: ModelVerification[] = [];
  #latest: ModelVerification | undefined;
  #sentAt: number[] = [];
  #failures = 0;
  #waitUntilMs = 0;

  create({ reference, separate, ttlSeconds, attemptsMax }: ModelCreate, nowMs: number): string {
    const pending =
      !separate && this.#latest !== undefined && this.#isPending(this.#latest, nowMs) ? this.#latest : undefined;
    if (pending?.reference === reference) return this.#resume(pending, nowMs);
    if (this.#isLimited(nowMs)) return 'limited';
    this.#sentAt.push(nowMs);
    if (pending !== undefined) pending.ended = 'cancelled';
    const verification = {
      reference,
      attemptsMax,
      expiresAtMs: nowMs + ttlSeconds * seconds,
      attemptsUsed: Math.min(pending?.attemptsUsed ?? 0, attemptsMax - 1),
      sends: 1,
      nextSendAtMs: nowMs + 30 * seconds,
      generation: 1,
    };
    this.verifications.push(verification);
    if (!separate) this.#latest = verification;
    return `created, ${attemptsMax - verification.attemptsUsed} attempts`;
  }

  /** @param generation - of the code handed in; 0 for a code that never was one */
  check(verification: ModelVerification, generation: number, nowMs: number): string {
    if (nowMs < this.#waitUntilMs) return `locked for ${Math.ceil((this.#waitUntilMs - nowMs) / seconds)} s`;
    const status = this.statusOf(verification, nowMs);
    if (status === 'verified') return 'already-verified';
    if (status === 'failed') return 'exhausted';
    if (status !== 'pending') return status;
    if (generation === verification.generation) {
      verification.ended = 'verified';
      this.#failures = 0;
      return 'verified';
    }
    this.#fail(nowMs);
    verification.attemptsUsed += 1;
    if (verification.attemptsUsed === verification.attemptsMax) verification.ended = 'failed';
    return `wrong-code, ${verification.attemptsMax - verification.attemptsUsed} left`;
  }

  resend(verification: ModelVerification, newCode: boolean, nowMs: number): string {
    const refusal = this.#refusal(verification, nowMs);
    if (refusal !== undefined) return refusal;
    if (this.#isLimited(nowMs)) return 'limited';
    this.#send(verification, nowMs);
    if (newCode) verification.generation += 1;
    return 'sent';
  }

  cancel(verification: ModelVerification, nowMs: number): string {
    const status = this.statusOf(verification, nowMs);
    if (status !== 'pending') return `ended ${status}`;
    verification.ended = 'cancelled';
    return 'cancelled';
  }

  statusOf({ ended, expiresAtMs }: ModelVerification, nowMs: number): string {
    return ended ?? (nowMs >= expiresAtMs ? 'expired' : 'pending');
  }

  #isPending(verification: ModelVerification, nowMs: number): boolean {
    return this.statusOf(verification, nowMs) === 'pending';
  }

  #resume(pending: ModelVerification, nowMs: number): string {
    if (this.#refusal(pending, nowMs) !== undefined || this.#isLimited(nowMs)) return 'resumed, nothing sent';
    this.#send(pending, nowMs);
    return 'resumed, sent';
  }

  #refusal(verification: ModelVerification, nowMs: number): string | undefined {
    const status = this.statusOf(verification, nowMs);
    if (status !== 'pending') return `ended ${status}`;
    if (verification.sends === 5) return 'sends-exhausted';
    if (verification.expiresAtMs - nowMs < 30 * seconds) return 'expiring';
    if (nowMs < verification.nextSendAtMs) return 'too-soon';
    return undefined;
  }

  #send(verification: ModelVerification, nowMs: number): void {
    this.#sentAt.push(nowMs);
    verification.sends += 1;
    verification.nextSendAtMs = nowMs + (gaps[verification.sends - 1] ?? 240) * seconds;
  }

  #isLimited(nowMs: number): boolean {
    const sentWithin = (ms: number) => this.#sentAt.filter((at) => at > nowMs - ms).length;
    return sentWithin(600 * seconds) >= 5 || sentWithin(24 * hours) >= 10;
  }

  #fail(nowMs: number): void {
    this.#failures += 1;
    if (this.#failures >= 100) this.#waitUntilMs = nowMs + 24 * hours;
    else if (this.#failures >= 10) {
      this.#waitUntilMs = nowMs + Math.min(30 * seconds * 2 ** (this.#failures - 10), hours);
    }
  }
}
