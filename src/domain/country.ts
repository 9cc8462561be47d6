import { isSupportedCountry } from 'libphonenumber-js/max';

/** What is wrong with the countries of a service, as a remedy; undefined when nothing is. */
export function countriesProblem(countries: readonly string[]): string | undefined {
  if (countries.includes('*')) return countries.length === 1 ? undefined : 'must hold * alone, which means all';
  const unknown = countries.find((country) => !isSupportedCountry(country));
  if (unknown !== undefined) return 'must be ISO 3166 countries of two capital letters, such as FR, or * alone';
  return new Set(countries).size === countries.length ? undefined : 'must name each country once';
}
