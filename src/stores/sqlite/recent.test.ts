import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('reads what it does not know, once, and what is known to be absent once too', () => {
  const recent = new Recent<number | undefined>(10);
  const asked: string[] = [];
  const read = (key: string) => {
    asked.push(key);
    return key === 'none' ? undefined : 1;
  };
  for (let round = 0; round < 3; round++) {
    expect(recent.get('one', read)).toBe(1);
    expect(recent.get('none', read)).toBeUndefined();
  }
  expect(asked).toEqual(['one', 'none']);
});

test('always answers with what was set last, remembers the last ones used, and forgets in the end', () => {
  const size = 4;
  const acts = fc.array(fc.record({ key: fc.nat({ max: 12 }), sets: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(acts, (given) => {
      const recent = new Recent<number>(size);
      const truth = new Map<string, number>();
      const used: string[] = [];
      for (const [at, { key: number, sets }] of given.entries()) {
        const key = `k${number}`;
        let read = false;
        if (sets) {
          truth.set(key, at);
          recent.set(key, at);
        } else {
          const value = recent.get(key, () => {
            read = true;
            return truth.get(key) ?? -1;
          });
          expect(value).toBe(truth.get(key) ?? -1);
          const lately = new Set(used.slice(-(size - 1)));
          if (lately.has(key)) expect(read).toBe(false);
        }
        used.push(key);
      }
    }),
  );
});

test('remembers at most twice its size', () => {
  const recent = new Recent<number>(100);
  for (let key = 0; key < 1000; key++) recent.set(`k${key}`, key);
  let read = 0;
  for (let key = 0; key < 800; key++) {
    recent.get(`k${key}`, () => {
      read += 1;
      return key;
    });
  }
  expect(read).toBe(800);
});
