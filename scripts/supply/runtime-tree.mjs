// The packages that the server runs with, as the lockfile says: its dependencies, and theirs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} path @returns {any} */
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Reads what each package says of itself. One for another kind of machine may be missing.
 * @returns {{ name: string, version: string, licence: string }[]} in the order of their names
 * @throws Error when a package is not installed, or in another version than the lockfile's
 */
export function runtimeTree() {
  const locked = Object.entries(readJson('package-lock.json').packages);
  const wanted = locked.filter(([path, { dev, optional }]) => path !== '' && !dev && (!optional || existsSync(path)));
  const rows = new Map(wanted.map(([path, { version }]) => [`${nameOf(path)}@${version}`, rowOf(path, version)]));
  return [...rows.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** By code unit, which is the same on every machine. */
const compare = (a, b) => (a < b ? -1 : Number(a > b));

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

function rowOf(path, version) {
  const file = join(path, 'package.json');
  if (!existsSync(file)) throw new Error(`${path} is not installed: run npm ci`);
  const said = readJson(file);
  if (said.version !== version) throw new Error(`${path} is ${said.version}, the lockfile says ${version}: run npm ci`);
  return { name: nameOf(path), version, licence: licenceOf(said) };
}

/** Old packages have an object, or a list of them to choose from. */
function licenceOf({ license, licenses }) {
  const choices = [license ?? licenses ?? []].flat().map((one) => one?.type ?? one);
  return choices.length === 0 ? 'none' : choices.map((one) => String(one).replace(/\s+/g, ' ')).join(' OR ');
}
