import { scrypt } from 'node:crypto';
import { type Digest, sameDigest } from '../domain/bytes.ts';
import { canonicalPassword } from '../domain/password.ts';
import type { Random } from './random.ts';
import { Unavailable } from './unavailable.ts';

/** Hashes passwords. It is slow on purpose, so that only a few at a time are worked on. */
export interface Passwords {
  /**
   * What is kept of a password: one text with a fresh salt and the parameters.
   * @throws Unavailable when too many wait already
   */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the password that this text was kept of. Without one it is not, after the same work: so that the time
   * does not tell which logins exist.
   * @throws Unavailable when too many wait already; Error when the text is none of ours
   */
  isRight(password: string, kept: string | undefined): Promise<boolean>;
}

interface Parameters {
  /** Binary logarithm of the cost N. */
  readonly cost: number;
  /** r and p. */
  readonly blockSize: number;
  readonly parallelization: number;
}

/** 32 MiB a hash, worked through three times: with less memory than is often advised, more work. @see RFC 7914 §2 */
const costToday = 15;
const saltBytes = 16;
const hashBytes = 32;
const atOnce = 2;
const waitingMax = 16;
const retrySeconds = 2;

const form = /^\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9][0-9]?)\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]{43})$/;

/** @param cost - binary logarithm of how dear a new hash is; lower in tests alone */
export function createPasswords(random: Pick<Random, 'hex'>, cost = costToday): Passwords {
  const today: Parameters = { cost, blockSize: 8, parallelization: 3 };
  const inTurn = createTurns();
  const nobody = encoded(today, Buffer.alloc(saltBytes), Buffer.alloc(hashBytes));

  return {
    async hash(password) {
      const salt = Buffer.from(random.hex(saltBytes), 'hex');
      return encoded(today, salt, await inTurn(() => derived(password, salt, today)));
    },
    async isRight(password, kept) {
      const { parameters, salt, hash } = decoded(kept ?? nobody);
      const same = sameDigest(await inTurn(() => derived(password, salt, parameters)), hash);
      return same && kept !== undefined;
    },
  };
}

/** Lets a few through at once and a few more wait, in the order in which they came. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax) throw new Unavailable('overloaded', retrySeconds);
      // Whoever ends hands its turn on, so that nobody who comes meanwhile takes it.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

function derived(password: string, salt: Buffer, { cost, blockSize, parallelization }: Parameters): Promise<Digest> {
  const options = { N: 2 ** cost, r: blockSize, p: parallelization, maxmem: 256 * 2 ** cost * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(canonicalPassword(password), salt, hashBytes, options, (error, key) =>
      error === null ? resolve(key as Digest) : reject(error),
    );
  });
}

function encoded({ cost, blockSize, parallelization }: Parameters, salt: Buffer, hash: Buffer): string {
  const parameters = `ln=${cost},r=${blockSize},p=${parallelization}`;
  return `$scrypt$${parameters}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

function decoded(kept: string) {
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = form.exec(kept) ?? [];
  if (cost === undefined) throw new Error('what is kept of a password cannot be read');
  return {
    parameters: { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url') as Digest,
  };
}
