// The software bill of materials: npm's own, of the lockfile, cut down to what the server runs with.
import { npm } from './npm.mjs';
import { readJson } from './runtime-tree.mjs';

const timeoutMs = 60_000;
const question = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];

/**
 * `npm sbom --omit=dev` leaves out what a development dependency needs as well, so all is asked for and cut down here.
 * @param {readonly { name: string, version: string }[]} tree - the packages that belong into it
 * @returns {object} CycloneDX, with names of packages and no addresses
 * @throws Error when npm cannot make it, or a package of the tree is missing
 */
export function sbomOf(tree) {
  const { stdout, status, error } = npm(question, timeoutMs);
  if (error !== undefined || status !== 0) throw new Error(`npm sbom failed: ${error ?? `status ${status}`}`);
  const whole = JSON.parse(stdout);
  const wanted = new Set(tree.map(({ name, version }) => `${name}@${version}`));
  const components = whole.components.filter(({ name, version }) => wanted.delete(`${name}@${version}`));
  if (wanted.size > 0) throw new Error(`npm sbom does not know ${[...wanted].join(', ')}`);

  const { name } = readJson('package.json');
  // npm calls the root after the folder that it happens to lie in.
  const root = { ...whole.metadata.component, name };
  const kept = new Set([root, ...components].map((component) => component['bom-ref']));
  return {
    ...whole,
    metadata: { ...whole.metadata, component: withoutAddresses(root) },
    components: components.map(withoutAddresses),
    dependencies: whole.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) })),
  };
}

/** Where it was fetched from, and who to write to, are nobody's licence to use it; a purl can name a registry too. */
function withoutAddresses({ externalReferences, author, description, purl, ...component }) {
  return { ...component, purl: purl.split('?', 1)[0] };
}
