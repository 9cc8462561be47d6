import { randomFillSync } from 'node:crypto';

/** Draws from the system's generator. Injected, so that tests can repeat themselves. */
export interface Random {
  /** That many bytes in hexadecimal. */
  hex(bytes: number): string;
  /** From 0 to below 1, for jitter: never for a secret. */
  fraction(): number;
}

const poolBytes = 8192;

/** Cryptographic random bytes, drawn many at a time because each call to the system is dear. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(poolBytes);
  let at = poolBytes;
  const take = (bytes: number): number => {
    if (at + bytes > poolBytes) {
      randomFillSync(pool);
      at = 0;
    }
    at += bytes;
    return at - bytes;
  };
  return {
    hex(bytes) {
      const from = take(bytes);
      const text = pool.toString('hex', from, from + bytes);
      // Drawn bytes are used once: nothing of them stays behind in memory.
      pool.fill(0, from, from + bytes);
      return text;
    },
    fraction: () => pool.readUInt32BE(take(4)) / 2 ** 32,
  };
}

/** A UUIDv7 (RFC 9562 §5.7): milliseconds, then 74 random bits. Ids made later sort later. */
export function uuidv7(nowMs: number, random: Random): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const hex = random.hex(10);
  const variant = ((Number.parseInt(hex.charAt(3), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(8, 20)}`;
}
