import { logFields } from '../src/engine/log.ts';
import { hasNestedQuantifier } from './nested-quantifiers.ts';
import {
  constantOf,
  isNode,
  lastName,
  nodesOf,
  pathsBelow,
  type SourceFile,
  type SyntaxNode,
  spelled,
  textOf,
} from './syntax.ts';

/*
 * Rules that hold in all of src/ and that neither the compiler nor the linter knows. Each finds what breaks it; what is
 * allowed all the same stands in a list beside its rule, with the reason.
 */

/** Stands in a statement for what is filled in at run time. */
const hole = '…';

/** The tables whose rows belong to a tenant, as the migrations make them. */
export const tenantTables: ReadonlySet<string> = new Set(
  pathsBelow('src/stores')
    .filter((path) => path.includes('/migrations/'))
    .flatMap((path) => [...textOf(path).matchAll(/create table (\w+) \(\s+tenant_id\b/g)])
    .map(([, table = '']) => table),
);

export interface HouseRule {
  /** Goes on after "no file of src/ …". */
  readonly sentence: string;
  /** What breaks the rule, as it is spelled. */
  find(file: SourceFile): readonly string[];
  readonly allowed: readonly Exception[];
}

export interface Exception {
  /** Path of the file, and a part of what is spelled there. */
  readonly in: string;
  readonly where: string;
  readonly because: string;
}

const secretName = /(?:code|token|secret|signature|digest|hash|fingerprint)$/i;
const isSecretName = (node: unknown) => secretName.test(lastName(node) ?? '');
const comparisons = new Set(['===', '!==', '==', '!=']);
const searches = new Set(['includes', 'equals', 'indexOf', 'startsWith', 'endsWith', 'localeCompare', 'compare']);

const comparedSecrets: HouseRule = {
  sentence: 'compares a secret with anything but sameDigest',
  find(file) {
    const compared = nodesOf(file, 'BinaryExpression').filter(
      ({ operator, left, right }) =>
        comparisons.has(String(operator)) &&
        ((isSecretName(left) && !tellsNothing(right)) || (isSecretName(right) && !tellsNothing(left))),
    );
    const searched = nodesOf(file, 'CallExpression').filter(({ callee, arguments: given }) => {
      if (!isNode(callee) || callee.type !== 'MemberExpression' || !searches.has(lastName(callee) ?? '')) return false;
      return isSecretName(callee.object) || (given as unknown[]).some(isSecretName);
    });
    const byHand = nodesOf(file, 'Identifier').filter(({ name }) => name === 'timingSafeEqual');
    return [...compared, ...searched, ...byHand].map((node) => spelled(file, node));
  },
  allowed: [
    {
      in: 'src/domain/bytes.ts',
      where: 'timingSafeEqual',
      because: 'it is what sameDigest is made of',
    },
    ...['last.hash === head.hash', 'entry.previousHash !== last.hash', 'auditHash(said) === hash'].map((where) => ({
      in: 'src/engine/audit-trails.ts',
      where,
      because: 'the hashes of an audit trail are no secret: whoever may verify it may read it',
    })),
    {
      in: 'src/engine/idempotent.ts',
      where: 'earlier.fingerprint !== fingerprint',
      because: 'it is a digest of what the caller itself sent, so that nothing is learnt from the time it takes',
    },
  ],
};

/** Whether it is there at all, or which error code of Node, SQLite or fastify it is: FST_ERR_…, ECONNRESET. */
function tellsNothing(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node.type === 'Identifier') return node.name === 'undefined';
  return node.type === 'Literal' && (node.value === null || /^[A-Z][A-Z_]+$/.test(String(node.value)));
}

const mathRandom: HouseRule = {
  sentence: 'draws from Math.random',
  find: (file) => spelledAs(file, nodesOf(file, 'MemberExpression'), /^Math(?:\.random$|\[)/),
  allowed: [],
};

const nestedQuantifiers: HouseRule = {
  sentence: 'has a regular expression with a repetition in a repetition, or one made at run time',
  find(file) {
    const literals = nodesOf(file, 'Literal').filter(({ regex }) => hasNestedQuantifier(patternOf(regex)));
    // Schemas hold regular expressions as text.
    const schemas = nodesOf(file, 'Property').filter(
      ({ key, value }) =>
        lastName(key) === 'pattern' && hasNestedQuantifier(String((value as SyntaxNode).value ?? '(.*)*')),
    );
    const made = nodesOf(file, 'NewExpression', 'CallExpression').filter(({ callee }) => lastName(callee) === 'RegExp');
    return [...literals, ...schemas, ...made].map((node) => spelled(file, node));
  },
  allowed: [
    {
      in: 'src/domain/recipient.ts',
      where: "(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*",
      because: 'each repetition begins with a dot, which the class inside does not hold: there is one way to match',
    },
    {
      in: 'src/http/edge.ts',
      where: '(?:\\/[a-z0-9-]+)+',
      because:
        'each repetition begins with a slash, which the class inside does not hold; and it reads our own settings',
    },
  ],
};

function patternOf(regex: unknown): string {
  return (regex as { readonly pattern: string } | undefined)?.pattern ?? '';
}

const endlessLoops: HouseRule = {
  sentence: 'has a loop that only a break can end',
  find(file) {
    const loops = nodesOf(file, 'WhileStatement', 'DoWhileStatement', 'ForStatement');
    const endless = loops.filter(({ test }) => !isNode(test) || (test.type === 'Literal' && Boolean(test.value)));
    return endless.map((node) => spelled(file, node).slice(0, 60));
  },
  allowed: [],
};

/** Node takes a longer delay for 1 ms. */
const delayMax = 2 ** 31 - 1;

const longTimers: HouseRule = {
  sentence: 'sets a timer for a time that is not known to be below 2^31 ms',
  find(file) {
    const timers = nodesOf(file, 'CallExpression').filter(({ callee }) =>
      /^set(?:Timeout|Interval)$/.test(lastName(callee) ?? ''),
    );
    const unsafe = timers.filter(({ arguments: given }) => {
      const delay = constantOf(file, (given as unknown[])[1]);
      return !(typeof delay === 'number' && delay >= 0 && delay <= delayMax);
    });
    return unsafe.map((node) => spelled(file, node));
  },
  allowed: [
    {
      in: 'src/faces/development/event-stream.ts',
      where: 'heartbeatMs',
      because: 'it is 15 s, or what a test asks for',
    },
    {
      in: 'src/webhooks/http-transport.ts',
      where: 'connectMs',
      because: 'it is 5 s, or what a test asks for',
    },
  ],
};

const outgoing = new Set(['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls']);
const outgoingCalls = new Set(['fetch', 'request', 'get', 'connect', 'createConnection']);

const unboundedCalls: HouseRule = {
  sentence: 'calls out without a signal or a timeout',
  find(file) {
    const imported = nodesOf(file, 'ImportDeclaration').filter(
      ({ source, importKind }) => importKind !== 'type' && outgoing.has(String((source as SyntaxNode).value)),
    );
    const names = new Set([
      'fetch',
      ...imported.flatMap(({ specifiers }) => (specifiers as SyntaxNode[]).map(({ local }) => lastName(local))),
    ]);
    const calls = nodesOf(file, 'CallExpression').filter(({ callee }) => {
      const called = lastName(callee) ?? '';
      const owner = isNode(callee) && callee.type === 'MemberExpression' ? lastName(callee.object) : called;
      return outgoingCalls.has(called) && (names.has(owner ?? '') || owner === 'globalThis');
    });
    const unbounded = calls.filter(({ arguments: given }) => !(given as SyntaxNode[]).some(namesAnEnd));
    return unbounded.map((node) => spelled(file, node));
  },
  allowed: [],
};

function namesAnEnd({ type, properties }: SyntaxNode): boolean {
  if (type !== 'ObjectExpression') return false;
  return (properties as SyntaxNode[]).some(({ key }) => ['signal', 'timeout'].includes(lastName(key) ?? ''));
}

const statement = /^\s*(?:select|insert|replace|update|delete|with)\s/i;
const filtered = /\btenant_id = \?|\binto \w+ \(tenant_id\b/;

const unfilteredStatements: HouseRule = {
  sentence: 'has a statement on a table of tenants that does not name the tenant',
  find(file) {
    if (!file.path.startsWith('src/stores/')) return [];
    const statements = sqlOf(file).filter((sql) => statement.test(sql) && !filtered.test(sql));
    return statements.filter((sql) => tablesOf(sql).some((table) => table === hole || tenantTables.has(table)));
  },
  allowed: [
    ...[
      'update verifications set expires_at',
      'update recipients set send_times',
      'delete from addresses',
      'delete from code_tags where erase_at',
    ].map((where) => ({
      in: 'src/stores/sqlite/confirmed-clock.ts',
      where,
      because: 'an operator set the time of day right: it goes by time alone',
    })),
    {
      in: 'src/stores/sqlite/tables.ts',
      where: hole,
      because: 'table and key are filled in; what comes of it is looked at one by one',
    },
    {
      in: 'src/stores/sqlite/tenancy-queries.ts',
      where: 'from api_keys where id = ?',
      because: 'it is by its API key that we learn who the tenant is',
    },
    {
      in: 'src/stores/sqlite/people-queries.ts',
      where: 'from sessions where id = ?',
      because: 'it is by its token that we learn whose session it is',
    },
    ...['delete from factors', 'delete from challenges', 'delete from sessions'].map((where) => ({
      in: 'src/stores/sqlite/people-retention.ts',
      where,
      because: 'retention decides nothing but age',
    })),
    ...['delete from sessions', 'delete from challenges', 'delete from factors', 'update factors set totp'].map(
      (where) => ({
        in: 'src/stores/sqlite/people-restore.ts',
        where,
        because: 'an operator restores the whole server, all tenants alike',
      }),
    ),
    ...[
      'update users set wait_until',
      'delete from sessions',
      'update sessions set revoked_at',
      'delete from challenges',
      'delete from factors',
      'update factors set totp',
    ].map((where) => ({
      in: 'src/stores/sqlite/people-clock.ts',
      where,
      because: 'an operator set the time of day right: it goes by time alone',
    })),
    ...['from users where recovery_key_id', 'from factors where totp_key_id'].flatMap((where) => [
      {
        in: 'src/stores/sqlite/key-usage.ts',
        where,
        because: 'keys belong to the server: what needs them is counted over all tenants',
      },
      {
        in: 'src/stores/sqlite/people-rewrap.ts',
        where,
        because: 'a key is replaced for all tenants; each row is then written by its tenant',
      },
    ]),
    {
      in: 'src/stores/sqlite/queries.ts',
      where: 'select count(*) from verifications',
      because: 'a count for the operator, over all tenants',
    },
    {
      in: 'src/stores/sqlite/queries.ts',
      where: 'select status, count(*) from sends group by status',
      because: 'a count for the operator, over all tenants',
    },
    {
      in: 'src/stores/sqlite/tenancy-queries.ts',
      where: 'from audit_heads order by tenant_id',
      because: 'an operator has every trail verified',
    },
    {
      in: 'src/stores/sqlite/tenancy-queries.ts',
      where: 'select tenant_id, count(*) from sends',
      because: 'a count for the operator and for shedding, over all tenants',
    },
    {
      in: 'src/stores/sqlite/writer.ts',
      where: "from sends where status = 'queued' and due_at <= ? and epoch is null",
      because: 'sends are due whoever they belong to; each is then claimed by a command of its tenant',
    },
    ...[
      'select rowid, tenant_id, id, recipient, expires_at from verifications where rowid',
      'select rowid, tenant_id, id, recipient, expires_at from verifications order by rowid',
      'select id from verifications where rowid',
      'delete from addresses',
      'select hex(tenant_id), address from addresses',
      'from audit_heads order by tenant_id',
    ].map((where) => ({
      in: 'src/stores/sqlite/retention.ts',
      where,
      because: 'retention decides nothing but age; what it found is then changed tenant by tenant',
    })),
    ...[
      'select destination from deliveries',
      'select tenant_id, verification_id, number, destination from deliveries',
      'select tenant_id, verification_id from expiries',
    ].map((where) => ({
      in: 'src/stores/sqlite/webhook-queries.ts',
      where,
      because: 'work is due whoever it belongs to; each piece is then done by a command of its tenant',
    })),
    {
      in: 'src/stores/sqlite/webhook-queries.ts',
      where: 'select count(*), min(due_at) from',
      because: 'a count for the operator, over all tenants',
    },
    {
      in: 'src/stores/sqlite/webhook-retention.ts',
      where: 'from events order by rowid limit ?',
      because: 'retention decides nothing but age; what it found is then changed tenant by tenant',
    },
    ...['select rowid from idempotency', 'select rowid from verifications'].map((where) => ({
      in: 'src/stores/sqlite/erasure.ts',
      where,
      because: 'it only numbers the rows of a batch; what is changed in it is one tenant’s',
    })),
    ...['update verifications set code_salt = substr', 'update code_tags set'].map((where) => ({
      in: 'src/stores/sqlite/backup-copy.ts',
      where,
      because: 'a backup holds no codes, whoever they belong to',
    })),
    ...[
      'update verifications set expires_at',
      'update verifications set code_salt = null',
      'delete from code_tags',
      'update sends set status',
      'select distinct code_key_id from verifications',
      'select count(*) from verifications',
    ].map((where) => ({
      in: 'src/stores/sqlite/restore.ts',
      where,
      because: 'an operator restores the whole server, all tenants alike',
    })),
    {
      in: 'src/stores/sqlite/maintenance.ts',
      where: 'update verifications set code_salt = null',
      because: 'maintenance decides nothing but age',
    },
    {
      in: 'src/stores/sqlite/maintenance.ts',
      where: 'delete from idempotency',
      because: 'maintenance decides nothing but age',
    },
    {
      in: 'src/stores/sqlite/key-usage.ts',
      where: 'from verifications',
      because: 'keys belong to the server: what needs them is counted over all tenants',
    },
    {
      in: 'src/stores/sqlite/key-usage.ts',
      where: 'from code_tags',
      because: 'keys belong to the server: what needs them is counted over all tenants',
    },
    {
      in: 'src/stores/sqlite/key-usage.ts',
      where: 'from idempotency',
      because: 'keys belong to the server: what needs them is counted over all tenants',
    },
    {
      in: 'src/stores/sqlite/key-usage.ts',
      where: 'select test_numbers from services',
      because: 'keys belong to the server: what needs them is counted over all tenants',
    },
    {
      in: 'src/stores/sqlite/rewrap.ts',
      where: 'where code_sealed is not null and code_key_id = ?',
      because: 'a key is replaced for all tenants; each row is then written by its tenant',
    },
    {
      in: 'src/stores/sqlite/key-usage.ts',
      where: 'select secret_key_id, previous_key_id from webhook_endpoints',
      because: 'keys belong to the server: what needs them is counted over all tenants',
    },
    {
      in: 'src/stores/sqlite/webhook-rewrap.ts',
      where: 'from webhook_endpoints',
      because: 'a key is replaced for all tenants; each row is then written by its tenant',
    },
    {
      in: 'src/stores/sqlite/rewrap.ts',
      where: 'from services where test_numbers',
      because: 'a key is replaced for all tenants; each row is then written by its tenant',
    },
  ],
};

/** Texts of a file on one line each, with what is filled in at run time as a hole. */
function sqlOf(file: SourceFile): string[] {
  const texts = nodesOf(file, 'Literal', 'TemplateLiteral').map(({ type, value, quasis }) =>
    type === 'Literal'
      ? String(value)
      : (quasis as { value: { cooked: string } }[]).map((part) => part.value.cooked).join(hole),
  );
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

function tablesOf(sql: string): string[] {
  return [...sql.matchAll(/\b(?:from|into|update|join) (\w+|…)/g)].map(([, table = '']) => table);
}

const linesMax = 300;

const longFiles: HouseRule = {
  sentence: `is longer than ${linesMax} lines`,
  find({ text }) {
    const lines = text.split('\n').length - 1;
    return lines > linesMax ? [`${lines} lines`] : [];
  },
  allowed: [],
};

const barrels: HouseRule = {
  sentence: 'is called index.ts',
  find: ({ path }) => (path.endsWith('/index.ts') ? [path] : []),
  allowed: [],
};

const logLevels = new Set(['error', 'warn', 'info']);

const unlistedFields: HouseRule = {
  sentence: 'logs a field that is not listed, or fields that cannot be read where they are logged',
  find(file) {
    const calls = nodesOf(file, 'CallExpression').filter(({ callee }) => {
      if (!isNode(callee) || callee.type !== 'MemberExpression') return false;
      return logLevels.has(lastName(callee) ?? '') && lastName(callee.object) === 'log';
    });
    return calls
      .filter(({ arguments: given }) => !areListed((given as unknown[])[0]))
      .map((node) => spelled(file, node));
  },
  allowed: [],
};

/** Whether a node is an object whose fields are written out, all of them in the table of the log. */
function areListed(fields: unknown): boolean {
  if (!isNode(fields) || fields.type !== 'ObjectExpression') return false;
  return (fields.properties as SyntaxNode[]).every(
    ({ type, key, computed }) => type === 'Property' && !computed && Object.hasOwn(logFields, lastName(key) ?? ''),
  );
}

export const houseRules = {
  unlistedFields,
  mathRandom,
  comparedSecrets,
  nestedQuantifiers,
  endlessLoops,
  longTimers,
  unboundedCalls,
  unfilteredStatements,
  longFiles,
  barrels,
} as const satisfies Record<string, HouseRule>;

function spelledAs(file: SourceFile, nodes: readonly SyntaxNode[], form: RegExp): string[] {
  return nodes.map((node) => spelled(file, node)).filter((text) => form.test(text));
}
