import { expect, test } from 'vitest';
import { countriesProblem } from './country.ts';

const cases: [sentence: string, countries: string[], problem: string | undefined][] = [
  ['none is fine', [], undefined],
  ['one is fine', ['FR'], undefined],
  ['several are fine', ['FR', 'DE', 'US'], undefined],
  ['all, by a star alone', ['*'], undefined],
  ['a star among others says two things', ['*', 'FR'], 'must hold * alone'],
  ['a star twice', ['*', '*'], 'must hold * alone'],
  ['a country that is none', ['FR', 'XX'], 'must be ISO 3166 countries'],
  ['small letters', ['fr'], 'must be ISO 3166 countries'],
  ['nothing for a country', [''], 'must be ISO 3166 countries'],
  ['a name that every object has', ['constructor'], 'must be ISO 3166 countries'],
  ['one country twice', ['FR', 'DE', 'FR'], 'must name each country once'],
];

test.each(cases)('%s', (_, countries, problem) => {
  if (problem === undefined) expect(countriesProblem(countries)).toBeUndefined();
  else expect(countriesProblem(countries)).toContain(problem);
});
