import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bag } from './bag.ts';

test('holds what was put in and not taken out, in whatever order things come and go', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 })), (asked) => {
      const things = Array.from({ length: 10 }, (_, name) => ({ name, place: -1 }));
      const bag = new Bag<(typeof things)[number]>();
      const model = new Set<object>();
      for (const index of asked) {
        const thing = things[index];
        if (thing === undefined) continue;
        if (model.delete(thing)) bag.delete(thing);
        else {
          model.add(thing);
          bag.add(thing);
        }
        expect(bag.size).toBe(model.size);
        expect(new Set(bag.all())).toEqual(model);
      }
    }),
  );
});
