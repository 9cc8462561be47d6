// Licences that ask for no more than their own text to be kept, so that the server can be used and passed on as it is.
const allowed = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
];

/**
 * Whether a licence is on the list: one of those to choose from, or all of those that hold together.
 * @param {string} licence - an SPDX expression. One with both AND and OR is for a person to read, and not allowed
 */
export function isAllowed(licence) {
  const expression = licence.replace(/^\((.*)\)$/, '$1');
  if (expression.includes(' OR ')) return expression.split(' OR ').some(isOnList);
  return expression.split(' AND ').every(isOnList);
}

const isOnList = (id) => allowed.includes(id);

/** @param {readonly { name: string, version: string, licence: string }[]} rows */
export const licencesText = (rows) =>
  rows.map(({ name, version, licence }) => `${name}\t${version}\t${licence}\n`).join('');
