import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FieldProblem } from '../domain/policy.ts';

/**
 * The certificates of a PEM file, for what is trusted in place of the public authorities.
 * @throws what reading a file or a certificate throws
 */
export function readCaFile(path: string): string[] {
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no certificate');
  return blocks.map((block) => new X509Certificate(block).toString());
}

/** Whether the file named in `caFile`, if any, can be used. */
export function caFileProblems({ caFile }: { readonly caFile?: string }): readonly FieldProblem[] {
  if (caFile === undefined) return [];
  try {
    readCaFile(caFile);
    return [];
  } catch {
    return [{ field: 'caFile', remedy: 'must be the path of a readable file with certificates in PEM form' }];
  }
}
