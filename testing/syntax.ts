import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

/** One file of ours, read as text and as a tree. */
export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly SyntaxNode[];
}

/** A node of the syntax tree (ESTree, with the nodes of TypeScript); which members it has follows from its type. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

const root = fileURLToPath(new URL('../', import.meta.url));

/** Paths of the TypeScript files below a folder of the repository, tests among them. */
export function pathsBelow(folder: string): string[] {
  const names = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

/** The product: what lies in src/ and is no test. */
export function productFiles(): SourceFile[] {
  return pathsBelow('src')
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => sourceFile(path, textOf(path)));
}

/** @throws Error when the text is not TypeScript */
export function sourceFile(path: string, text: string): SourceFile {
  const nodes: SyntaxNode[] = [];
  collect(parseAst(text, { lang: 'ts' }), nodes);
  return { path, text, nodes };
}

function collect(value: unknown, into: SyntaxNode[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, into);
  else if (isNode(value)) {
    into.push(value);
    for (const member of Object.values(value)) collect(member, into);
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The nodes of one type. */
export function nodesOf({ nodes }: SourceFile, ...types: readonly string[]): SyntaxNode[] {
  return nodes.filter(({ type }) => types.includes(type));
}

/** What a node spells, on one line. */
export function spelled({ text }: SourceFile, { start, end }: SyntaxNode): string {
  return text.slice(start, end).replace(/\s+/g, ' ');
}

/** The last name of `name`, `object.name` or `object.#name`; undefined for anything else. */
export function lastName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return String(node.name);
  if (node.type === 'MemberExpression' && node.computed !== true) return lastName(node.property);
  return node.type === 'ChainExpression' ? lastName(node.expression) : undefined;
}

/** The constant that a node stands for, where that can be told from this file alone. */
export function constantOf(file: SourceFile, node: unknown): unknown {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal') return node.value;
  if (node.type === 'BinaryExpression' && node.operator === '*') {
    return Number(constantOf(file, node.left)) * Number(constantOf(file, node.right));
  }
  if (node.type !== 'Identifier') return undefined;
  const declared = nodesOf(file, 'VariableDeclarator').find(({ id }) => lastName(id) === node.name);
  return declared === undefined ? undefined : constantOf(file, declared.init);
}
