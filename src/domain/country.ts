import { isSupportedCountry } from 'libphonenumber-js/max';

/** Whether it is a country that numbers can be of, in ISO 3166 alpha-2. */
export function isCountry(text: string): boolean {
  return isSupportedCountry(text);
}

/** What is wrong with the countries of a service, as a remedy; undefined when nothing is. */
export function countriesProblem(countries: readonly string[]): string | undefined {
  if (countries.includes('*')) return countries.length === 1 ? undefined : 'must hold * alone, which means all';
  const unknown = countries.find((country) => !isSupportedCountry(country));
  if (unknown !== undefined) return 'must be ISO 3166 countries of two capital letters, such as FR, or * alone';
  return new Set(countries).size === countries.length ? undefined : 'must name each country once';
}
