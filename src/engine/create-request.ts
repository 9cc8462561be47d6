import type { Channel } from '../domain/channel.ts';
import { alphabets, type CodeAlphabet, canonicalCode, sealCode } from '../domain/code.ts';
import { keyOf } from '../domain/keys.ts';
import { servesLine } from '../domain/line.ts';
import { assertPossible, codePolicyProblem, type FieldProblem } from '../domain/policy.ts';
import type { PriceTable } from '../domain/price.ts';
import { defaultChannel, isProblem, parseRecipient, type Recipient, reaches } from '../domain/recipient.ts';
import { templateProblem } from '../domain/template.ts';
import { belongsToNobody, openTestCode, type TestNumber, testNumberOf } from '../domain/test-number.ts';
import { type CodePolicy, codeSource, type Verification } from '../domain/verification.ts';
import { termsOf } from './agreed-terms.ts';
import type { Caller } from './caller.ts';
import { lookupFor } from './code-lookup.ts';
import type { CreateVerification } from './commands/create-verification.ts';
import type { FaceWishes } from './face-wishes.ts';
import type { KeySource } from './key-source.ts';
import type { Routes } from './provider.ts';
import type { Random } from './random.ts';
import { approvesSender } from './service-options.ts';
import type { Service } from './tenancy.ts';

/** What a caller says of a verification it wants; only the recipient is required. */
export interface VerificationRequest {
  /** E.164, national with `country`, or an e-mail address. */
  readonly recipient: string;
  readonly country?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly service?: string | undefined;
  readonly locale?: string | undefined;
  readonly codeLength?: number | undefined;
  readonly codeAlphabet?: CodeAlphabet | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly reference?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly sender?: string | undefined;
  readonly template?: string | undefined;
  readonly signals?: Readonly<Record<string, unknown>> | undefined;
  /** Canonical key of the end user's address, of which the limits count creates. */
  readonly address?: string | undefined;
  /** The caller's own code. */
  readonly code?: string | undefined;
  readonly wishes?: FaceWishes | undefined;
}

export interface Invalid extends FieldProblem {
  readonly kind: 'invalid';
}

/** The service does not list the country that the recipient's number is of. */
export interface CountryNotAllowed {
  readonly kind: 'country-not-allowed';
}

/** Nobody reads messages at such a number, or they are dear: a landline, a premium rate, a pager. */
export interface LineNotServed {
  readonly kind: 'line-not-served';
}

/** The service has a list of senders, and this one is not on it. */
export interface SenderNotApproved {
  readonly kind: 'sender-not-approved';
}

/** Why a request, or another message, came to nothing before any row was looked at. */
export type NotServed = CountryNotAllowed | LineNotServed | SenderNotApproved;

const metadataBytesMax = 1024;

interface Wanted {
  readonly caller: Caller;
  readonly request: VerificationRequest;
  readonly service: Service | undefined;
  readonly options: {
    readonly keys: KeySource;
    readonly routes: Routes;
    readonly fictitious: boolean;
    readonly random: Random;
    readonly prices?: PriceTable | undefined;
  };
  readonly id: string;
  /** By which test numbers are valid. */
  readonly nowMs: number;
}

/** The part of a create command that a request decides, or the first field that cannot be honoured. */
export function requestedVerification(
  wanted: Wanted,
): Pick<CreateVerification, 'requested' | 'providers' | 'address' | 'lookup'> | Invalid | NotServed {
  const { caller, request, service, options, id } = wanted;
  if (service === undefined) return invalid('service', 'names no service of this tenant; leave it out for the default');
  const meant = recipientOf(wanted, service);
  if ('kind' in meant) return meant;
  const { recipient, testNumber } = meant;
  const channel = request.channel ?? defaultChannel(recipient);
  const providers = options.routes[channel] ?? [];
  const problem = channelProblem(channel, recipient, service, providers) ?? textProblem(request);
  if (problem !== undefined) return problem;
  const { country } = recipient;
  if (testNumber === undefined) {
    if (!allowsCountry(service, { channel, country })) return { kind: 'country-not-allowed' };
    if (recipient.line !== undefined && !servesLine(recipient.line, request.wishes?.onlyMessageLines)) {
      return { kind: 'line-not-served' };
    }
  }
  if (request.sender !== undefined && !approvesSender(service, request.sender)) return { kind: 'sender-not-approved' };
  const fixed =
    testNumber &&
    openTestCode(testNumber, { tenantId: caller.tenantId, service: service.name }, options.keys.current());
  const supplied = fixed ?? (request.code === undefined ? undefined : ownCode(request.code, request));
  if (request.code !== undefined && supplied === undefined) return invalid('code', 'must be 4 to 10 letters or digits');
  const policy = policyOf(request, fixed === undefined ? service : { ...service, weakCodes: true }, supplied);
  if ('kind' in policy) return policy;

  const { reference, locale, sender, template, metadata, signals } = request;
  const test = testNumber === undefined ? undefined : true;
  const { ttlSeconds, attemptsMax } = policy;
  const code = codeFor(supplied, policy, wanted);
  const message = { channel, country, template, code, ttlSeconds, test };
  // One literal: an object put together from pieces is dear to make, and dearer to copy to the store.
  const requested = {
    tenantId: caller.tenantId,
    id,
    service: service.name,
    face: caller.face,
    recipient: recipient.value,
    country,
    channel,
    reference,
    locale,
    sender,
    template,
    metadata: metadata && JSON.stringify(metadata),
    signals: signals && JSON.stringify(signals),
    ttlSeconds,
    attemptsMax,
    code,
    test,
    terms: termsOf(request.wishes, message, service, options.prices),
  };
  return {
    requested,
    providers,
    address: request.address,
    lookup: request.wishes?.byCodeAlone && lookupFor(codeSource(requested), options.keys.current()),
  };
}

function ownCode(code: string, { wishes }: VerificationRequest): string | undefined {
  return wishes?.byCodeAlone ? code : canonicalCode(code);
}

/** The recipient, and the test number that it is, if it is one: such a number need not be in use anywhere. */
function recipientOf(
  { request, options, nowMs }: Wanted,
  service: Service,
): { readonly recipient: Recipient; readonly testNumber?: TestNumber | undefined } | Invalid {
  const read = (fictitious: boolean) => parseRecipient(request.recipient, { country: request.country, fictitious });
  if (service.testNumbers.length > 0) {
    const recipient = read(true);
    const testNumber = isProblem(recipient) ? undefined : testNumberOf(service.testNumbers, recipient.value, nowMs);
    // Asked again, whoever put it there: nobody's own number ever has a code that others know.
    if (testNumber !== undefined && !isProblem(recipient) && belongsToNobody(recipient))
      return { recipient, testNumber };
  }
  const recipient = read(options.fictitious || request.wishes?.possibleNumbers === true);
  return isProblem(recipient) ? { kind: 'invalid', ...recipient } : { recipient };
}

/**
 * An e-mail address is of no country. Neither are satellite numbers, international networks and international premium
 * rates: who lists countries has not listed those.
 */
export function allowsCountry(
  { countries }: Service,
  { channel, country }: { readonly channel: Channel; readonly country?: string | undefined },
): boolean {
  return channel === 'email' || countries.includes('*') || (country !== undefined && countries.includes(country));
}

function channelProblem(
  channel: Channel,
  recipient: Recipient,
  service: Service,
  providers: readonly string[],
): Invalid | undefined {
  if (!reaches(channel, recipient))
    return invalid('channel', `cannot reach ${recipient.kind === 'email' ? 'an e-mail address' : 'a phone number'}`);
  if (!service.channels.includes(channel)) return invalid('channel', `must be one of ${service.channels.join(', ')}`);
  return providers.length > 0 ? undefined : invalid('channel', 'has no provider on this server');
}

function textProblem({ template, metadata, wishes }: VerificationRequest): Invalid | undefined {
  const remedy = template === undefined || wishes?.ownRanges ? undefined : templateProblem(template);
  if (remedy !== undefined) return invalid('template', remedy);
  if (metadata !== undefined && Buffer.byteLength(JSON.stringify(metadata)) > metadataBytesMax) {
    return invalid('metadata', `must be at most ${metadataBytesMax} bytes of JSON`);
  }
  return undefined;
}

function policyOf(request: VerificationRequest, service: Service, supplied: string | undefined): CodePolicy | Invalid {
  const own = service.codePolicy;
  const asked = supplied === undefined ? request : formOf(supplied);
  const policy = {
    length: asked.codeLength ?? own.length,
    alphabet: asked.codeAlphabet ?? own.alphabet,
    ttlSeconds: request.ttlSeconds ?? own.ttlSeconds,
    attemptsMax: request.maxAttempts ?? own.attemptsMax,
  };
  if (request.wishes?.ownRanges) return assertPossible(policy);
  const problem = codePolicyProblem(policy, service.weakCodes);
  if (problem === undefined) return policy;
  const field = supplied !== undefined && problem.field === 'codeLength' ? 'code' : problem.field;
  return { kind: 'invalid', ...problem, field };
}

/** The smallest alphabet that a supplied code can come from: what a guesser would try. */
function formOf(code: string): { codeLength: number; codeAlphabet: CodeAlphabet } {
  const fits = (alphabet: CodeAlphabet) => [...code].every((letter) => alphabets[alphabet].includes(letter));
  const codeAlphabet = fits('digits') ? 'digits' : fits('letters') ? 'letters' : 'alphanumeric';
  return { codeLength: code.length, codeAlphabet };
}

function codeFor(
  supplied: string | undefined,
  { length, alphabet }: CodePolicy,
  { caller: { tenantId }, id: verificationId, options: { keys, random }, request: { wishes } }: Wanted,
): Verification['code'] {
  const generation = 1;
  const rings = keys.current();
  if (supplied === undefined) {
    const form = wishes?.byCodeAlone ? 'natural' : alphabet;
    return {
      generation,
      keyId: rings.pepper.activeId,
      alphabet: form,
      length,
      salt: random.hex(16),
      sealed: undefined,
    };
  }
  const keyId = rings.data.activeId;
  const nonce = Buffer.from(random.hex(12), 'hex');
  const sealed = sealCode(supplied, { tenantId, verificationId, generation }, keyOf(rings, 'data', keyId), nonce);
  return { generation, keyId, alphabet, length, salt: undefined, sealed };
}

function invalid(field: string, remedy: string): Invalid {
  return { kind: 'invalid', field, remedy };
}
