// Checks what the server is made of: advisories and licences of the packages it runs with. Writes the bill of materials
// to dist/sbom.cdx.json and the licences to dist/licences.txt. Fetches no code; only the question for advisories needs
// the network. The last line is the verdict, and the exit status says it too:
//   0  passed
//   1  failed: an advisory of high or critical severity, a licence that is not allowed, or packages that cannot be read
//   2  not audited: the advisories could not be asked for, and nothing else is wrong
//
// Usage: node scripts/supply.mjs [--root FOLDER] [--timeout SECONDS]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { advisories } from './supply/advisories.mjs';
import { isAllowed, licencesText } from './supply/licences.mjs';
import { runtimeTree } from './supply/runtime-tree.mjs';
import { sbomOf } from './supply/sbom.mjs';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: join(dirname(fileURLToPath(import.meta.url)), '..') },
    timeout: { type: 'string', default: '60' },
  },
});
process.chdir(values.root);

/** Lists the packages, and refuses a licence that is not allowed. */
function checkLicences() {
  const tree = runtimeTree();
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/licences.txt', licencesText(tree));
  writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(sbomOf(tree), null, 2)}\n`);
  console.log('written: dist/sbom.cdx.json, dist/licences.txt');
  const foreign = tree.filter(({ licence }) => !isAllowed(licence));
  if (foreign.length === 0) return { kind: 'passed', detail: `${tree.length} packages, all allowed` };
  const detail = foreign.map(({ name, version, licence }) => `${name} ${version} is ${licence}`).join(', ');
  return { kind: 'failed', detail: `not allowed: ${detail}` };
}

function said(check) {
  try {
    return check();
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

const verdicts = {
  licences: said(checkLicences),
  advisories: said(() => advisories(Number(values.timeout) * 1000)),
};
const kinds = Object.values(verdicts).map(({ kind }) => kind);
const worst = ['failed', 'not-audited'].find((kind) => kinds.includes(kind)) ?? 'passed';

for (const [name, { kind, detail }] of Object.entries(verdicts)) {
  console.log(`${name}: ${kind === 'not-audited' ? 'not audited' : kind}: ${detail}`);
}
console.log(`supply: ${worst === 'not-audited' ? `not audited: ${verdicts.advisories.detail}` : worst}`);
process.exitCode = { passed: 0, failed: 1, 'not-audited': 2 }[worst];
