// What `npm audit` knows of the packages that the server runs with.
import { npm } from './npm.mjs';

/** Severities below the limit. Any other fails, one that nobody has heard of yet among them. */
const tolerated = ['info', 'low', 'moderate'];

// An offline npm finds nothing and calls it none: it is made to ask.
const question = [
  'audit',
  '--omit=dev',
  '--json',
  '--offline=false',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
];

/**
 * Asks for advisories of the packages that the lockfile names for run time.
 * @param {number} timeoutMs
 * @returns {{ kind: 'passed' | 'failed' | 'not-audited', detail: string }}
 */
export function advisories(timeoutMs) {
  const { stdout, error } = npm(question, timeoutMs);
  if (error !== undefined) return { kind: 'not-audited', detail: error };
  let answer;
  try {
    answer = JSON.parse(stdout);
  } catch {
    return { kind: 'not-audited', detail: 'npm audit did not answer in JSON' };
  }
  return verdictOn(answer);
}

function verdictOn(answer) {
  const { vulnerabilities, metadata } = answer ?? {};
  const looked = metadata?.dependencies?.total;
  // npm tells of an error in an object too, and one without a report is no clean report.
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null || !(looked > 0))
    return { kind: 'not-audited', detail: reasonOf(answer) };
  const found = Object.entries(vulnerabilities).map(([name, { severity }]) => ({ name, severity }));
  const over = found.filter(({ severity }) => !tolerated.includes(severity));
  if (over.length > 0)
    return { kind: 'failed', detail: over.map(({ name, severity }) => `${name} (${severity})`).join(', ') };
  return { kind: 'passed', detail: found.length === 0 ? 'none' : `none high or critical, ${found.length} below that` };
}

/** Without the address that npm puts into its message. */
function reasonOf(answer) {
  const status = answer?.statusCode;
  if (Number.isInteger(status)) return `the registry answered ${status}`;
  const said = answer?.error?.code ?? answer?.code ?? answer?.error?.summary ?? answer?.message;
  if (typeof said !== 'string' || said === '') return 'npm audit gave no report';
  return said.split('\n', 1)[0].replace(/\S+:\/\/\S+/g, '(address)');
}
