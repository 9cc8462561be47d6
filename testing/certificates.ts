import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (file: string) => fileURLToPath(new URL(`./certificates/${file}`, import.meta.url));

/** Path of the authority that signed all certificates but the self-signed one. */
export const authorityFile = pathOf('authority.pem');

/** What a TLS server on loopback presents. See testing/certificates/README.md. */
export function certificate(name: 'localhost' | 'wrong-name' | 'expired' | 'self-signed') {
  return { cert: readFileSync(pathOf(`${name}.pem`)), key: readFileSync(pathOf(`${name}-test-only.key`)) };
}

/** Those that nobody may accept for localhost. */
export const badCertificates = ['wrong-name', 'expired', 'self-signed'] as const;
