import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecentSlots } from './recent-slots.ts';

test('forgets the least recently used key first, like a list that is reordered at each use', () => {
  const use = fc.tuple(fc.constantFrom('g', 'h'), fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(use, { maxLength: 60 }), (capacity, uses) => {
      const slots = createRecentSlots(capacity);
      let model: { name: string; slot: number }[] = [];
      for (const [group, key] of uses) {
        const name = `${group}/${key}`;
        const known = model.find((entry) => entry.name === name);
        const { slot, fresh } = slots.use(group, key);
        expect(fresh).toBe(known === undefined);
        if (known !== undefined) expect(slot).toBe(known.slot);
        model = [...model.filter((entry) => entry.name !== name), { name, slot }].slice(-capacity);
        expect(new Set(model.map((entry) => entry.slot)).size).toBe(model.length);
      }
    }),
  );
});
