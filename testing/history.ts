import type { Verification } from '../src/domain/verification.ts';
import type { CreateVerification } from '../src/engine/commands/create-verification.ts';
import type { Command } from '../src/engine/deciders.ts';
import { aCancel, aCheck, aCode, aCreate, aResend, freshNumber, readCode, wrongCode } from './builders.ts';
import { Model, type ModelVerification } from './model.ts';
import { seeded } from './seeded.ts';

/** One command, and what the model says it is answered with. */
export interface Step {
  readonly command: Command;
  readonly expected: string;
}

/** A create behind one of the model's verifications, and the salts of its codes by generation. */
interface Made {
  readonly create: CreateVerification;
  readonly salts: string[];
}

/** How likely each act is, in the order create, check, resend; the rest are cancels. And of the checks, the right ones. */
interface Temper {
  readonly acts: readonly [create: number, check: number, resend: number];
  readonly right: number;
  readonly lives: readonly [number, ...number[]];
  readonly attempts: readonly [number, ...number[]];
}

const tempers: readonly [Temper, ...Temper[]] = [
  { acts: [0.2, 0.5, 0.23], right: 0.4, lives: [60, 300, 600], attempts: [1, 3, 5] },
  // Guesses until it has to wait, and on.
  { acts: [0.2, 0.77, 0.02], right: 0.03, lives: [86_400], attempts: [5, 10] },
  // Asks for messages until there are no more.
  { acts: [0.1, 0.1, 0.79], right: 0, lives: [600, 1800, 1800], attempts: [5] },
];

/** Acts drawn at random for one recipient, the same for the same seed, with the model kept beside them. */
export class History {
  readonly seed: number;
  readonly model = new Model();
  readonly steps: string[] = [];
  readonly #draw: () => number;
  readonly #temper: Temper;
  readonly #recipient = freshNumber();
  readonly #creates: Made[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.#draw = seeded(seed);
    this.#temper = this.#pick(tempers);
  }

  get ids(): string[] {
    return this.#creates.map(({ create }) => create.requested.id);
  }

  next(nowMs: number): Step {
    const step = this.#next(nowMs);
    this.steps.push(`${nowMs} ${step.command.kind}: ${step.expected}`);
    return step;
  }

  #next(nowMs: number): Step {
    // Mostly the newest ones: those are where something can happen.
    const back = Math.floor(this.#draw() ** 2 * this.#creates.length);
    const made = this.#creates.at(-1 - back);
    const verification = this.model.verifications.at(-1 - back);
    const act = this.#draw();
    const [create, check, resend] = this.#temper.acts;
    if (made === undefined || verification === undefined || act < create) return this.#create(nowMs);
    const verificationId = made.create.requested.id;
    if (act < create + check) return this.#check(made, verification, nowMs);
    if (act < create + check + resend) return this.#resend(made, verification, nowMs);
    return { command: aCancel({ verificationId }), expected: this.model.cancel(verification, nowMs) };
  }

  #create(nowMs: number): Step {
    const separate = this.#below(4) === 0;
    const wanted = {
      reference: this.#pick(['a', 'a', 'b']),
      ttlSeconds: this.#pick(this.#temper.lives),
      attemptsMax: this.#pick(this.#temper.attempts),
    };
    const code = aCode({ alphabet: 'alphanumeric', length: 10 });
    const create = aCreate({
      whilePending: separate ? 'separate' : 'resume-or-replace',
      requested: { recipient: this.#recipient, code, ...wanted },
    });
    const before = this.model.verifications.length;
    const expected = this.model.create({ ...wanted, separate }, nowMs);
    if (this.model.verifications.length > before) this.#creates.push({ create, salts: [code.salt ?? ''] });
    return { command: create, expected };
  }

  #check(made: Made, verification: ModelVerification, nowMs: number): Step {
    const { generation } = verification;
    const chosen = this.#draw() < this.#temper.right ? generation : this.#pick([0, 0, generation - 1]);
    const { tenantId, requested } = made.create;
    const salt = made.salts[chosen - 1];
    const source = { tenantId, verificationId: requested.id, ...requested.code, generation: chosen, salt };
    const code = salt === undefined ? wrongCode : readCode(source);
    const command = aCheck({ verificationId: requested.id, code });
    return { command, expected: this.model.check(verification, chosen, nowMs) };
  }

  #resend(made: Made, verification: ModelVerification, nowMs: number): Step {
    const newCode = this.#below(3) === 0 ? { keyId: 'p1', salt: aCode().salt ?? '' } : undefined;
    const expected = this.model.resend(verification, newCode !== undefined, nowMs);
    if (newCode !== undefined && expected === 'sent') made.salts.push(newCode.salt);
    return { command: aResend({ verificationId: made.create.requested.id, newCode }), expected };
  }

  #below(end: number): number {
    return Math.floor(this.#draw() * end);
  }

  #pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.#below(choices.length)] ?? choices[0];
  }
}

/** An outcome in the words of the model. */
export function inWords(outcome: { readonly kind: string } & Record<string, unknown>): string {
  const { kind, verification } = outcome;
  switch (kind) {
    case 'created':
      return `created, ${(verification as { attemptsLeft: number }).attemptsLeft} attempts`;
    case 'resumed':
      return outcome.sent === true ? 'resumed, sent' : 'resumed, nothing sent';
    case 'wrong-code':
      return `wrong-code, ${outcome.attemptsLeft} left`;
    case 'locked':
      return `locked for ${outcome.retryAfterSeconds} s`;
    case 'ended':
      return `ended ${outcome.status}`;
    default:
      return kind;
  }
}

/** A stored verification in the words of the model. */
export function rowInWords(row: Verification, status: string): string {
  const { attemptsUsed, sendsUsed, expiresAtMs, code } = row;
  const secret = code.salt === undefined && code.sealed === undefined ? 'no secret' : 'a secret';
  return `${status}, ${attemptsUsed} attempts, ${sendsUsed} sends, code ${code.generation}, until ${expiresAtMs}, ${secret}`;
}

export function modelInWords(model: Model, verification: ModelVerification, nowMs: number): string {
  const { attemptsUsed, sends, expiresAtMs, generation, ended } = verification;
  const secret = ended === undefined ? 'a secret' : 'no secret';
  const status = model.statusOf(verification, nowMs);
  return `${status}, ${attemptsUsed} attempts, ${sends} sends, code ${generation}, until ${expiresAtMs}, ${secret}`;
}
