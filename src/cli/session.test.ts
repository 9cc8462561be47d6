import { expect, test } from 'vitest';
import { typed } from '../../testing/cli.ts';
import type { Script } from '../../testing/control-server.ts';
import { CommandProblem } from './exits.ts';
import { printable } from './paint.ts';
import { progressLine } from './progress.ts';

const tenant = (id: string, name: string) => ({
  id,
  name,
  dailySendsMax: 1,
  sendsToday: 0,
  prepaid: false,
  balance: 0,
  currency: 'EUR',
  createdAt: 'then',
});
const tenants = (...list: object[]): Script => ({ 'GET /admin/v1/tenants': { body: { tenants: list } } });
const [acme, other, twin] = [tenant('id-1', 'Acme'), tenant('id-2', 'Other'), tenant('id-3', 'Acme')];

const choices: [sentence: string, script: Script, args: string[], exit: number, said: RegExp][] = [
  ['the only one without a name', tenants(acme), [], 0, /^id +id-1/],
  ['one by its name', tenants(acme, other), ['Other'], 0, /^id +id-2/],
  ['one by its id', tenants(acme, other), ['--tenant', 'id-1'], 0, /^id +id-1/],
  [
    'none of several without a name',
    tenants(acme, other),
    [],
    2,
    /name the tenant with --tenant; there are Acme \(id-1\), Other \(id-2\)/,
  ],
  [
    'none of two with one name',
    tenants(acme, twin),
    ['Acme'],
    2,
    /more than one tenant has this name; say its id: Acme \(id-1\), Acme \(id-3\)/,
  ],
  ['none that there is not', tenants(acme), ['Nobody'], 3, /there is no such tenant; there are Acme \(id-1\)/],
  [
    'none where there is none',
    tenants(),
    [],
    3,
    /there is no tenant yet; make one with: countersign tenant create NAME/,
  ],
];

test.each(choices)('takes %s', async (_, script, args, exit, said) => {
  const { out, err, ...rest } = await typed(['tenant', 'show', ...args], script);
  expect(rest.exit).toBe(exit);
  expect(out + err).toMatch(said);
});

const refusals: [status: number, exit: number][] = [
  [400, 3],
  [401, 3],
  [404, 3],
  [409, 3],
  [429, 3],
  [500, 1],
  [502, 4],
  [503, 4],
];

test.each(refusals)('an answer of %d ends with %d and what the server said', async (status, exit) => {
  const problem = {
    type: 'urn:x',
    title: 'X',
    status,
    code: 'some_code',
    detail: 'Do it otherwise.',
    field: 'name',
    requestId: 'r1',
  };
  const script = { 'GET /admin/v1/tenants': { status, body: problem } };
  expect(await typed(['tenant', 'list'], script)).toMatchObject({
    exit,
    out: '',
    err: 'countersign: Do it otherwise.\n',
  });

  const { err } = await typed(['tenant', 'list', '--json'], script);
  const said = { code: 'some_code', detail: 'Do it otherwise.', field: 'name', requestId: 'r1', status, exit };
  expect(JSON.parse(err)).toEqual({ problem: said });
});

test('a server that is not there ends with 4', async () => {
  const connect = () => Promise.reject(new CommandProblem(4, 'store_locked', 'locked'));
  expect(await typed(['status'], {}, { connect })).toMatchObject({ exit: 4, err: 'countersign: locked\n' });
});

test('what nobody foresaw ends with 1 and its first line', async () => {
  const connect = () => Promise.reject(new Error('it broke\n  at somewhere'));
  expect(await typed(['status'], {}, { connect })).toMatchObject({ exit: 1, err: 'countersign: it broke\n' });
});

const destructive: [line: string, what: RegExp][] = [
  ['purge', /removes what is past its time for good/],
  ['purge --recipient a@example.com', /removes everything about one recipient for good/],
  ['restore x.db', /puts a backup in the place of the store/],
  ['api-key revoke 0123456789abcdef', /ends the API key for good/],
  ['key retire pepper k-1', /removes the key for good/],
];

test.each(destructive)('%s demands --yes where nobody can be asked, and asks on a terminal', async (line, what) => {
  const alone = await typed(line.split(' '), tenants(acme));
  expect(alone).toMatchObject({ exit: 2, out: '', asked: [] });
  expect(alone.err).toMatch(what);
  expect(alone.err).toContain('; say --yes where nobody can be asked\n');

  const asked = await typed(line.split(' '), tenants(acme), { answers: ['n'] });
  expect(asked).toMatchObject({ exit: 1, out: '', asked: [] });
  expect(asked.err).toMatch(/^This .*\. Go on\? \[y\/N\] /);
});

test('somebody on a terminal can agree', async () => {
  const script = { 'POST /admin/v1/purge': { body: [{ result: {} }] } };
  expect(await typed(['purge'], script, { answers: ['y'] })).toMatchObject({
    exit: 0,
    out: 'nothing is past its time\n',
  });
});

const escapeCharacter = '\u001b';
const colours: [sentence: string, args: string[], options: object, coloured: boolean][] = [
  ['on a terminal', [], { answers: [] }, true],
  ['nowhere else', [], {}, false],
  ['not with --no-color', ['--no-color'], { answers: [] }, false],
  ['not with NO_COLOR', [], { answers: [], plain: true }, false],
  ['not in JSON', ['--json'], { answers: [] }, false],
];

test.each(colours)('colours %s', async (_, args, options, coloured) => {
  const { out } = await typed(['tenant', 'list', ...args], tenants(acme), options);
  expect(out.includes(escapeCharacter)).toBe(coloured);
});

test('what others chose cannot move the cursor of a terminal', () => {
  expect(printable(`a${escapeCharacter}[2Jb\r\n\u202ec`)).toBe('a\ufffd[2Jb\ufffd\ufffd\ufffdc');
  expect([printable(null), printable([]), printable(true), printable(1234), printable({ a: 1 })]).toEqual([
    '-',
    '-',
    'yes',
    '1,234',
    '{"a":1}',
  ]);
});

test('progress is one line on a terminal, written at most ten times a second, and gone at the end', () => {
  let [text, nowMs] = ['', 0];
  const terminal = {
    errIsTerminal: true,
    err(said: string) {
      text += said;
    },
  };
  const line = progressLine(terminal as never, 'purging', () => nowMs);
  for (const done of [1, 2, 3]) line.tell(done, 1000);
  nowMs = 200;
  line.tell(500, 1000);
  line.tell(1000, 1000);
  line.end();
  const erase = `\r${escapeCharacter}[K`;
  const shown = ['purging: 1 of 1,000 (0 %)', 'purging: 500 of 1,000 (50 %)', 'purging: 1,000', ''];
  expect(text).toBe(shown.map((said) => erase + said).join(''));
});

test('progress is silent away from a terminal', async () => {
  const script = {
    'POST /admin/v1/keys/rewrap': { body: [{ progress: { done: 1, total: 2 } }, { result: { rows: 2 } }] },
  };
  expect(await typed(['key', 'rewrap'], script)).toMatchObject({ exit: 0, err: '' });
  const { err } = await typed(['key', 'rewrap'], script, { answers: [] });
  expect(err).toContain('rewrapping: 1 of 2 (50 %)');
});

const broken: [sentence: string, script: Script, exit: number, said: RegExp][] = [
  [
    'ends with a problem',
    { 'POST /admin/v1/keys/rewrap': { body: [{ problem: { status: 409, code: 'x', detail: 'No.' } }] } },
    3,
    /^countersign: No\.\n$/,
  ],
  [
    'is refused at once',
    { 'POST /admin/v1/keys/rewrap': { status: 503, body: { code: 'x', detail: 'No.' } } },
    4,
    /^countersign: No\.\n$/,
  ],
  [
    'breaks off',
    { 'POST /admin/v1/keys/rewrap': { body: [{ progress: { done: 1, total: 2 } }], breaksOff: true } },
    4,
    /broke off in the middle/,
  ],
  [
    'has no last line',
    { 'POST /admin/v1/keys/rewrap': { body: [{ progress: { done: 1, total: 2 } }] } },
    4,
    /broke off in the middle/,
  ],
];

test.each(broken)('long work that %s', async (_, script, exit, said) => {
  const { err, ...rest } = await typed(['key', 'rewrap'], script);
  expect(rest).toMatchObject({ exit, out: '' });
  expect(err).toMatch(said);
});
