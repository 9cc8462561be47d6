/*
 * Two clients as the vendor's libraries are: what they send, what they insist on in an answer, and what they throw. Each
 * was written from the vendor's description for these tests.
 */

type Json = Readonly<Record<string, unknown>>;

/** What a library throws, by its name there. */
export class Thrown extends Error {}

export interface Credentials {
  readonly apiKey?: string;
  readonly accessToken?: string;
}

async function call(base: string, method: string, path: string, headers: Record<string, string>, body?: string) {
  const response = await fetch(base + path, {
    method,
    headers: { accept: 'application/json', ...headers },
    signal: AbortSignal.timeout(25_000),
    ...(body === undefined ? {} : { body }),
  });
  // Read before the status is looked at: what is no JSON is a failure of its own.
  return { status: response.status, body: JSON.parse(await response.text()) as Json };
}

const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const whole = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const date = (value: unknown) => typeof value === 'string' && value.length >= 8 && !Number.isNaN(Date.parse(value));

/** Every field is a required argument; most are held against limits. */
const otpFields: Readonly<Record<string, (value: unknown) => boolean>> = {
  otpId: (value) => id.test(String(value)),
  trackId: (value) => value === null || id.test(String(value)),
  phoneNumber: (value) => typeof value === 'string',
  countryIso: (value) => typeof value === 'string' && value.length === 2,
  status: (value) => ['PENDING', 'VERIFIED', 'EXPIRED', 'CANCELLED', 'FAILED'].includes(String(value)),
  cost: (value) => typeof value === 'number',
  parts: whole(1, Number.MAX_SAFE_INTEGER),
  maxAttempts: whole(1, 10),
  attempts: whole(0, 10),
  ttl: whole(60, 1800),
  otpCallbackUrl: (value) => value === null || typeof value === 'string',
  dateCreated: date,
  dateExpires: date,
};

function otpOf(body: Json): Json {
  for (const [name, fits] of Object.entries(otpFields)) if (!fits(body[name])) throw new Error(`bad field ${name}`);
  return body;
}

/** As the Python library is: both credentials go along, and status, type and code name the exception. */
export function pythonClient(base: string, { apiKey, accessToken }: Credentials) {
  const headers = {
    'user-agent': 'smscx-client/0.1.0/python',
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  };
  const ask = async (method: string, path: string, given?: Json) => {
    const json = given === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await call(base, method, path, { ...headers, ...json }, given && JSON.stringify(given));
    if (answer.status >= 200 && answer.status <= 299) return answer.body;
    throw new Thrown(pythonException(answer.status, (answer.body as { error?: Json }).error ?? {}));
  };
  return {
    newOtp: async (fields: Json) => otpOf(await ask('POST', '/otp', fields)),
    otpStatus: async (otpId: string) => otpOf(await ask('GET', `/otp/${otpId}`)),
    verifyOtp: async (otpId: string, pin: string) => (await ask('POST', `/otp/${otpId}`, { pin })).status,
    cancelOtp: async (otpId: string) => {
      const { info } = (await ask('DELETE', `/otp/${otpId}`)) as { info?: Json };
      if (!id.test(String(info?.id))) throw new Error('bad field info.id');
      return info?.id;
    },
    /** Basic, a form, and four fields that must be there. */
    async getToken(application: string, secret: string, scope?: string) {
      const authorization = `Basic ${Buffer.from(`${application}:${secret}`).toString('base64')}`;
      const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
      const typed = { 'content-type': 'application/x-www-form-urlencoded', authorization };
      const { status, body } = await call(base, 'POST', '/oauth/token', typed, String(form));
      if (status !== 200) throw new Thrown(pythonException(status, (body as { error?: Json }).error ?? {}));
      if (body.token_type !== 'Bearer' || !Number.isInteger(body.expires_in)) throw new Error('bad token');
      return { accessToken: String(body.access_token), scope: String(body.scope) };
    },
  };
}

const badRequests: Readonly<Record<string, string>> = {
  otp_verified: 'OtpAlreadyVerified',
  otp_cancelled: 'OtpCancelled',
  otp_expired: 'OtpExpired',
  otp_failed: 'OtpFailed',
  invalid_pin: 'InvalidPin',
  insufficient_credit: 'InsufficientBalance',
  invalid_scope: 'InvalidScope',
};

function pythonException(status: number, { type, code }: Json): string {
  switch (status) {
    case 400:
      return badRequests[String(type)] ?? 'InvalidRequest';
    case 401:
      return 'InvalidCredentials';
    case 403:
      if (type === 'insufficient_scope') return 'InsufficientScope';
      return code === 2030 ? 'OtpCancelled' : code === 2031 ? 'OtpActionNotAllowed' : 'AccessDenied';
    case 404:
      return 'ResourceNotFound';
    case 405:
      return 'ApiMethodNotAllowed';
    case 429:
      return 'RateLimitExcedeed';
    default:
      return 'ServerError';
  }
}

/** As the PHP library is: arrays go out as they were given, and an error of an unknown type is a failure of its own. */
export function phpClient(base: string, apiKey: string, errorTypes: readonly string[]) {
  const ask = async (method: string, path: string, given?: Json) => {
    const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
    const { status, body } = await call(base, method, path, headers, given && JSON.stringify(given));
    if (status < 300) return body;
    const { type, code } = (body as { error: Json }).error;
    if (!errorTypes.includes(String(type))) throw new Error(`unknown type ${type}`);
    throw new Thrown(code === 2020 ? 'InvalidPhoneNumber' : code === 1113 ? 'InsufficientBalance' : `${type}`);
  };
  return {
    newOtp: async (fields: Json) => otpOf(await ask('POST', '/otp', fields)),
    otpStatus: async (otpId: string) => otpOf(await ask('GET', `/otp/${otpId}`)),
    verifyOtp: (otpId: string, pin: string | number) => ask('POST', `/otp/${otpId}`, { pin }),
    cancelOtp: (otpId: string) => ask('DELETE', `/otp/${otpId}`),
  };
}
