import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A value of a YAML file, and the line where it was written. */
export interface Written {
  readonly line: number;
  readonly content: unknown | readonly Written[] | WrittenMap;
}
export type WrittenMap = ReadonlyMap<string, Written>;

export type ParsedYaml =
  | { readonly kind: 'parsed'; readonly root: WrittenMap }
  /** A line each, which begins with the place and quotes nothing of the file: it may hold secrets. */
  | { readonly kind: 'bad-yaml'; readonly problems: readonly string[] };

/** No setting lies deeper. */
const depthMax = 16;

/** What the codes of the library mean. Its own messages quote the file. */
const meanings: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice; keep one',
  TAG_RESOLVE_FAILED: 'tags are not taken; remove what begins with !',
  MULTIPLE_DOCS: 'there is more than one document; remove what follows ---',
  TAB_AS_INDENT: 'a tab indents the line; use spaces',
  BAD_INDENT: 'the line is not indented as its neighbours are',
  NON_STRING_KEY: 'a key must be a name',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; is a colon missing?',
  BLOCK_AS_IMPLICIT_KEY: 'a key has two values; is the line indented as its neighbours are?',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  BAD_ALIAS: 'anchors and aliases are not taken; write the value out',
  BAD_SCALAR_START: 'a value begins with a character that needs quotes',
  BAD_DQ_ESCAPE: 'a \\ in double quotes begins nothing that YAML knows; use single quotes',
};

/**
 * Reads a YAML file whose root is a map, strictly: no key twice, no anchors, aliases, tags and second documents.
 * @returns everything that is wrong with it, each with its line and column
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // A quieter level would also keep back the error about a second document.
    logLevel: 'error',
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line} column ${col}`;
  };
  const found = [...document.errors, ...document.warnings];
  if (found.length > 0) {
    return badYaml(
      found.map(({ code, pos: [at] }) => `${place(at)}: ${meanings[code] ?? 'this is not YAML as it is known here'}`),
    );
  }
  const problems: string[] = [];
  const written = (node: unknown, offset: number, depth: number): Written => {
    const line = lines.linePos(offset).line;
    const refuse = (why: string) => {
      problems.push(`${place(offsetOf(node) ?? offset)}: ${why}`);
      return { line, content: null };
    };
    if (depth > depthMax) return refuse('it is nested too deeply');
    if (isAlias(node) || anchorOf(node) !== undefined) return refuse(meanings.BAD_ALIAS ?? '');
    if (isScalar(node)) return { line, content: node.value };
    if (isSeq(node)) {
      return { line, content: node.items.map((item) => written(item, offsetOf(item) ?? offset, depth + 1)) };
    }
    if (!isMap(node)) return { line, content: null };
    const entries = node.items.map(({ key, value }): [string, Written] => {
      const at = offsetOf(key) ?? offset;
      if (anchorOf(key) !== undefined) refuse(meanings.BAD_ALIAS ?? '');
      return [
        isScalar(key) ? String(key.value) : '',
        { ...written(value, at, depth + 1), line: lines.linePos(at).line },
      ];
    });
    return { line, content: new Map(entries) };
  };
  const { content } = written(document.contents, 0, 0);
  if (problems.length > 0) return badYaml(problems);
  if (content === null) return { kind: 'parsed', root: new Map() };
  return content instanceof Map
    ? { kind: 'parsed', root: content }
    : badYaml(['line 1 column 1: it must hold settings, such as listen: 127.0.0.1:8080']);
}

/** Nobody mends more at once, and one slip can make hundreds. */
const problemsMax = 20;

function badYaml(problems: readonly string[]): ParsedYaml {
  return { kind: 'bad-yaml', problems: [...new Set(problems)].slice(0, problemsMax) };
}

function offsetOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[0];
}

function anchorOf(node: unknown): string | undefined {
  return (node as { readonly anchor?: string } | null)?.anchor;
}

/** The value without its places: plain objects and arrays. */
export function plainOf({ content }: Written): unknown {
  if (Array.isArray(content)) return content.map((item: Written) => plainOf(item));
  if (!(content instanceof Map)) return content;
  return Object.fromEntries([...(content as WrittenMap)].map(([name, value]) => [name, plainOf(value)]));
}

/** What stands at a path of names and positions; undefined when nothing does. */
export function writtenAt(root: Written, path: readonly string[]): Written | undefined {
  return path.reduce<Written | undefined>((at, name) => {
    if (Array.isArray(at?.content)) return at.content[Number(name)] as Written | undefined;
    return at?.content instanceof Map ? (at.content as WrittenMap).get(name) : undefined;
  }, root);
}
