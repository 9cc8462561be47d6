import type { FieldProblem } from '../domain/policy.ts';
import { isProblem, parseRecipient, type Recipient } from '../domain/recipient.ts';
import type { Directory } from './directory.ts';
import type { Queries } from './store.ts';

export interface RecipientMeant {
  readonly recipient: string;
  readonly country?: string | undefined;
  /** One service alone; every one of the tenant when absent. */
  readonly service?: string | undefined;
}

/** Reads who is meant: a number that need not be in use anywhere where a service has it as a test number. */
export function recipientReader({
  directory,
  queries,
  fictitious,
}: {
  readonly directory: Directory;
  readonly queries: Pick<Queries, 'services'>;
  readonly fictitious: boolean;
}): (tenantId: string, meant: RecipientMeant) => Promise<Recipient | FieldProblem> {
  return async (tenantId, { recipient, country, service }) => {
    const parsed = parseRecipient(recipient, { country, fictitious });
    const possible = parseRecipient(recipient, { country, fictitious: true });
    if (!isProblem(parsed) || isProblem(possible)) return parsed;
    const services =
      service === undefined ? await queries.services(tenantId) : [await directory.service(tenantId, service)];
    const numbers = services.flatMap((one) => one?.testNumbers ?? []);
    return numbers.some((number) => number.recipient === possible.value) ? possible : parsed;
  };
}
