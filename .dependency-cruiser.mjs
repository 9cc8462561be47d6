// The direction of imports: domain ← engine ← stores, channels, faces, cli ← main. See docs/architecture.md.
// scripts/imports.mjs runs it, over files that end in .js in place of .ts.

const tests = String.raw`\.test\.js$`;
/** Product code: everything in src/ that is not a test. */
const product = (folder) => ({ path: `^src/${folder}/`, pathNot: tests });

/** A folder of src/ and all that it may know there; itself always. */
const knows = (folder, others, comment) => ({
  name: `${folder}-knows-${others.length === 0 ? 'nobody' : others.join('-')}`,
  comment,
  severity: 'error',
  from: product(folder),
  to: { path: '^(src|testing|bench)/', pathNot: [folder, ...others].map((name) => `^src/${name}/`) },
});

const domainBuiltins = ['crypto', 'url', 'buffer'];

export default {
  forbidden: [
    knows('domain', [], 'Rules are pure: they see values, and nothing that reaches the world.'),
    knows('engine', ['domain'], 'What touches the world is an adapter; the engine knows its port and not its file.'),
    knows('stores', ['domain', 'engine'], 'Adapters do not know each other.'),
    knows('channels', ['domain', 'engine'], 'Adapters do not know each other.'),
    knows('webhooks', ['domain', 'engine'], 'Adapters do not know each other.'),
    knows('http', ['domain', 'engine'], 'It serves the faces and does not know them.'),
    knows('cli', ['domain', 'engine'], 'Adapters do not know each other.'),
    {
      name: 'telemetry-knows-the-log',
      comment: "It implements the engine's Log and shows what the engine's Meter counted; only main puts it in.",
      severity: 'error',
      from: product('telemetry'),
      to: { path: '^(src|testing|bench)/', pathNot: ['^src/telemetry/', String.raw`^src/engine/(log|meter)\.js$`] },
    },
    {
      name: 'a-face-knows-no-other',
      comment: 'A face translates one wire format to the calls of the engine, with what http shares.',
      severity: 'error',
      from: { path: '^src/faces/([^/]+)/', pathNot: tests },
      to: { path: '^(src|testing|bench)/', pathNot: '^src/(domain|engine|http|faces/$1)/' },
    },
    {
      name: 'main-is-the-end',
      comment: 'It puts the parts together; tests and benchmarks have their own folders.',
      severity: 'error',
      from: product('main'),
      to: { path: '^(testing|bench)/' },
    },
    {
      name: 'every-folder-has-its-place',
      comment: 'A new folder of src/ needs a rule here that says what it may know.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(domain|engine|stores|channels|http|faces|cli|telemetry|webhooks|main)/' },
      to: {},
    },
    {
      name: 'domain-uses-few-builtins',
      comment: 'It may hash, compare bytes and read URLs; no clock, no files, no network.',
      severity: 'error',
      from: product('domain'),
      to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${domainBuiltins.join('|')})$` },
    },
    {
      name: 'no-development-dependencies',
      comment: 'What the product uses stands in "dependencies" of package.json.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-strangers',
      comment: 'What is imported exists, and package.json names it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or there is a third one in them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it and it imports nothing: nobody needs it.',
      severity: 'error',
      from: { orphan: true, pathNot: tests },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`\.d\.js$` },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
