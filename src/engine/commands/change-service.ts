import { codePolicyProblem, type FieldProblem } from '../../domain/policy.ts';
import type { TestNumber } from '../../domain/test-number.ts';
import type { Attributed, ChangeDecider } from '../audited.ts';
import { type OptionChanges, touchedOptions, withOptions } from '../service-options.ts';
import type { Service } from '../tenancy.ts';
import { changesNothing, touched } from './change-tenant.ts';
import type { NotFound } from './check-verification.ts';

export interface CreateService extends Attributed {
  readonly kind: 'create-service';
  readonly service: Service;
}

export interface ChangeService extends Attributed {
  readonly kind: 'change-service';
  readonly name: string;
  readonly changes: Partial<Omit<Service, 'tenantId' | 'name' | 'testNumbers' | 'codePolicy' | 'options'>> & {
    readonly codePolicy?: Partial<Service['codePolicy']>;
    readonly options?: OptionChanges;
  };
}

export interface SetTestNumber extends Attributed {
  readonly kind: 'set-test-number';
  readonly name: string;
  /** Canonical. */
  readonly recipient: string;
  /** Absent to remove it. */
  readonly testNumber?: TestNumber | undefined;
}

export type ServiceOutcome = { readonly kind: 'service'; readonly service: Service };
export type ServiceRefusal = NotFound | ({ readonly kind: 'invalid' } & FieldProblem);

/** More would make a row that every create reads a long one. */
export const testNumbersMax = 100;

export const createService: ChangeDecider<
  CreateService,
  ServiceOutcome | ServiceRefusal | { readonly kind: 'exists' }
> = {
  reads: ({ service }) => ({ tenant: true, services: [service.name] }),
  decide({ service }, loaded) {
    if (loaded.tenant() === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (loaded.service(service.name) !== undefined) return { writes: {}, outcome: { kind: 'exists' } };
    const problem = codePolicyProblem(service.codePolicy, service.weakCodes);
    if (problem !== undefined) return { writes: {}, outcome: invalidPolicy(problem) };
    const { tenantId: _, testNumbers: __, ...said } = service;
    return {
      writes: { services: [service] },
      outcome: { kind: 'service', service },
      change: { action: 'create-service', target: `service ${service.name}`, after: said },
    };
  },
};

export const changeService: ChangeDecider<ChangeService, ServiceOutcome | ServiceRefusal> = {
  reads: ({ name }) => ({ services: [name] }),
  decide({ name, changes }, loaded) {
    const current = loaded.service(name);
    if (current === undefined) return { writes: {}, outcome: { kind: 'not-found' } };
    if (changesNothing(changes)) return { writes: {}, outcome: { kind: 'service', service: current } };
    const { options: optionChanges = {}, ...rest } = changes;
    const { options: _, ...kept } = current;
    const options = withOptions(current.options, optionChanges);
    const codePolicy = { ...current.codePolicy, ...changes.codePolicy };
    const service = { ...kept, ...rest, codePolicy, ...(options === undefined ? {} : { options }) };
    const problem = codePolicyProblem(service.codePolicy, service.weakCodes);
    if (problem !== undefined) return { writes: {}, outcome: invalidPolicy(problem) };
    const earlier = changes.options === undefined ? {} : { options: touchedOptions(current, changes.options) };
    const before = { ...touched<object>(current, changes), ...earlier };
    return {
      writes: { services: [service] },
      outcome: { kind: 'service', service },
      change: { action: 'change-service', target: `service ${name}`, before, after: changes },
    };
  },
};

export const setTestNumber: ChangeDecider<SetTestNumber, ServiceOutcome | ServiceRefusal> = {
  reads: ({ name }) => ({ services: [name] }),
  decide({ name, recipient, testNumber }, loaded) {
    const current = loaded.service(name);
    const before = current?.testNumbers.find((one) => one.recipient === recipient);
    if (current === undefined || (testNumber === undefined && before === undefined)) {
      return { writes: {}, outcome: { kind: 'not-found' } };
    }
    const others = current.testNumbers.filter((one) => one !== before);
    const testNumbers = testNumber === undefined ? others : [...others, testNumber];
    if (testNumbers.length > testNumbersMax) {
      const remedy = `has ${testNumbersMax} test numbers already; remove one first`;
      return { writes: {}, outcome: { kind: 'invalid', field: 'recipient', remedy } };
    }
    const service = { ...current, testNumbers };
    return {
      writes: { services: [service] },
      outcome: { kind: 'service', service },
      change: {
        action: testNumber === undefined ? 'remove-test-number' : 'set-test-number',
        target: `service ${name}`,
        before: shown(before),
        after: shown(testNumber),
      },
    };
  },
};

/** Without its code. */
function shown(testNumber: TestNumber | undefined): unknown {
  return testNumber && { recipient: testNumber.recipient, validUntilMs: testNumber.validUntilMs ?? null };
}

/** In the words of a service rather than of a request. */
function invalidPolicy({ field, remedy }: FieldProblem): ServiceRefusal {
  const name = field === 'codeLength' ? 'length' : field;
  return { kind: 'invalid', field: `codePolicy/${name}`, remedy };
}
