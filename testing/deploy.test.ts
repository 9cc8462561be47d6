import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

/* What of the files in deploy/ can be checked without the programs that read them. */

const root = fileURLToPath(new URL('../', import.meta.url));
const textOf = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const yamlFiles = readdirSync(`${root}deploy`).filter((name) => /\.ya?ml$/.test(name));

/** Lines of a file that say something, those that go on joined. */
function linesOf(path: string): string[] {
  const lines = textOf(path)
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

const dockerfile = linesOf('deploy/Dockerfile').map((line) => {
  const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
  return { word, rest };
});
const said = (word: string) => dockerfile.filter((line) => line.word === word).map(({ rest }) => rest);

test('the image is built from fixed releases and the lockfile', () => {
  for (const image of said('FROM')) expect(image).toMatch(/^node:[0-9]+-[a-z]+(?:-slim)?(?: AS \w+)?$/);
  expect(said('RUN').join('\n')).toContain('npm ci');
  expect(said('RUN').join('\n')).toContain('npm prune --omit=dev');
  expect(said('RUN').join('\n')).not.toMatch(/npm (?:i|install)\b|curl|wget|latest/);
  expect(said('ADD')).toEqual([]);
});

test('everything that the image copies exists and is let into the build', () => {
  const letIn = linesOf('deploy/Dockerfile.dockerignore').filter((line) => line.startsWith('!'));
  const copied = said('COPY').filter((rest) => !rest.startsWith('--from='));
  const sources = copied.flatMap((rest) => rest.split(' ').slice(0, -1));
  expect(sources).toContain('package-lock.json');
  expect(sources.filter((source) => !existsSync(`${root}${source}`))).toEqual([]);
  expect(sources.filter((source) => !letIn.includes(`!${source.replace('./', '')}`))).toEqual([]);
});

test('the image runs as nobody in particular, under a fixed number, and as the program itself', () => {
  const [, finalStage = ''] = textOf('deploy/Dockerfile').split(/^FROM .*-slim$/m);
  expect(finalStage).toMatch(/^USER 10001:10001$/m);
  expect(said('USER')).toEqual(['10001:10001']);
  expect(said('ENTRYPOINT').map((rest) => JSON.parse(rest))).toEqual([['node', '/app/bin/countersign']]);
  expect(said('CMD').map((rest) => JSON.parse(rest))).toEqual([['serve']]);
  expect(said('STOPSIGNAL')).toEqual(['SIGTERM']);
  expect(said('VOLUME')).toEqual(['/var/lib/countersign']);
});

test('the health check is a program that fails where nothing answers', () => {
  const [, command = '[]'] = /CMD (\[.*\])$/.exec(said('HEALTHCHECK')[0] ?? '') ?? [];
  const [program, option, script] = JSON.parse(command) as string[];
  expect([program, option]).toEqual(['node', '-e']);
  // Port 9 of this machine has no listener; the check itself knows only 8080, which somebody may use.
  const elsewhere = (script ?? '').replace(':8080/', ':9/');
  expect(elsewhere).not.toBe(script);
  expect(() => execFileSync(process.execPath, ['-e', elsewhere], { timeout: 10_000, stdio: 'ignore' })).toThrow();
});

test.each(yamlFiles)('%s is YAML without a doubled key', (name) => {
  expect(parse(textOf(`deploy/${name}`))).toBeTypeOf('object');
});

test('the service of compose.yaml can write nowhere but to its data, and gain nothing', () => {
  const { services, secrets } = parse(textOf('deploy/compose.yaml'));
  const { countersign } = services;
  expect(countersign).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  const writable = countersign.volumes.filter((volume: string) => !volume.endsWith(':ro'));
  expect(writable).toEqual(['countersign-data:/var/lib/countersign']);
  expect(countersign.ports).toEqual(['127.0.0.1:8080:8080']);
  expect(countersign.environment).toBeUndefined();
  expect(Object.keys(secrets)).toEqual(countersign.secrets);
});

test('the unit names a command that the program is started with, and gives it no more than it needs', () => {
  const lines = linesOf('deploy/countersign.service');
  const [start = ''] = lines.filter((line) => line.startsWith('ExecStart='));
  const [node, program = '', command] = start.slice('ExecStart='.length).split(' ');
  expect([node, command]).toEqual(['/usr/bin/node', 'serve']);
  expect(existsSync(`${root}${program.replace('/opt/countersign/', '')}`)).toBe(true);
  expect(said('CMD').map((rest) => JSON.parse(rest))).toEqual([[command]]);
  expect(lines).toEqual(
    expect.arrayContaining([
      'User=countersign',
      'StateDirectory=countersign',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'ProtectSystem=strict',
      'SystemCallFilter=@system-service',
      'KillSignal=SIGTERM',
      'TimeoutStopSec=30',
      'Restart=on-failure',
    ]),
  );
});

test.each(['nginx.conf', 'Caddyfile'])('%s keeps what is for the operator alone from the world', (name) => {
  const text = textOf(`deploy/${name}`);
  for (const word of ['metrics', 'healthz', 'readyz', 'dev', 'admin'])
    expect(text).toMatch(new RegExp(`\\b${word}\\b`));
  expect(text).toContain('trustedProxies: [127.0.0.1]');
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const metrics = [
  'countersign_http_requests_total',
  'countersign_sends_total',
  'countersign_provider_call_seconds_bucket',
  'countersign_commit_seconds_bucket',
  'countersign_sends_queued',
  'countersign_sending_stopped',
  'countersign_event_loop_delay_seconds',
  'countersign_clock_steps_total',
  'countersign_ready',
  'countersign_notices_total',
  'countersign_secrets_overdue',
  'countersign_shed_total',
  'countersign_webhooks_oldest_seconds',
];

test('every alert says how bad it is, what is wrong and where to read on, about metrics that there are', () => {
  const { groups } = parse(textOf('deploy/alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThan(9);
  for (const { alert, labels, annotations, expr } of rules) {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    const unknown = [...expr.matchAll(/countersign_\w+/g)].filter(([name]) => !metrics.includes(name));
    expect([alert, unknown.map(String)]).toEqual([alert, []]);
  }
});
