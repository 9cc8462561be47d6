import { expect, test } from 'vitest';
import { textOf } from '../../../testing/syntax.ts';
import { nativeProblems } from '../native/problem-kinds.ts';
import { peopleProblems } from './problem-kinds.ts';

test('names every problem that a refusal is worded as, and no other', () => {
  const worded = textOf('src/faces/people/errors.ts');
  const codes = [...worded.matchAll(/code: '(\w+)'/g)].map(([, code]) => code);
  const shared = nativeProblems.map(({ code }) => code);
  expect(peopleProblems.map(({ code }) => code).sort()).toEqual(
    codes.filter((code) => !shared.includes(code ?? '')).sort(),
  );
  for (const { title } of peopleProblems) expect(worded).toContain(`'${title}'`);
});
