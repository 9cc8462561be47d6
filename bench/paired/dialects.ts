import { nationalNumber } from '../recipients.ts';
import { type CheckBytes, checkBytes, type SendBytes, sendBytes, wrongCode } from '../requests.ts';

/** The APIs that can be measured side by side, each as bare as it can be: a recipient, and nothing that is optional. */
export const dialectNames = ['native', 'smsworks', 'smscx', 'ding'] as const;
export type DialectName = (typeof dialectNames)[number];

/** In which API to speak, and as whom. */
export interface Spoken {
  readonly dialect: DialectName;
  /** As it stands in the header. */
  readonly credential: string;
  /** The tenant, where a body names it. */
  readonly customer: string;
}

/** How sends and checks are asked for in one API, and how its answers are told apart. */
export interface Speech {
  send(): SendBytes;
  readonly sent: number;
  /** The id in the answer to a send; empty where there is none. */
  idIn(body: string): string;
  check(): CheckBytes;
  /** A code that is surely nobody's. */
  wrongCode(code: string): string;
  /** What the answers to the right code and to a wrong one contain. */
  readonly right: string;
  readonly wrong: string;
}

const recipient = '600000000';
const id = '00000000-0000-7000-8000-000000000000';
const code = '000000';
/** Found by the code alone, so that the more of them live, the longer they must be. */
const longCode = '0000000000';

/** The native API with all that a careful caller sends: reference, idempotency key, end-user address. */
export function carefulSpeech(host: string, apiKey: string): Speech {
  return {
    send: () => sendBytes(host, apiKey),
    sent: 201,
    idIn: (body) => /"id":"([^"]*)"/.exec(body)?.[1] ?? '',
    check: () => checkBytes(host, apiKey),
    wrongCode,
    right: '"result":"verified"',
    wrong: '"result":"wrong_code"',
  };
}

interface Words {
  readonly header: string;
  readonly send: readonly [path: string, body: string];
  readonly sent: number;
  readonly id: string;
  readonly check: readonly [path: string, body: string];
  /** What stands for the code there. */
  readonly code?: string;
  readonly right: string;
  readonly wrong: string;
}

const words: { readonly [Name in DialectName]: (spoken: Spoken) => Words } = {
  native: ({ credential }) => ({
    header: `Authorization: Bearer ${credential}`,
    send: ['/v1/verifications', `{"recipient":"+33${recipient}"}`],
    sent: 201,
    id: 'id',
    check: [`/v1/verifications/${id}/checks`, `{"code":"${code}"}`],
    right: '"result":"verified"',
    wrong: '"result":"wrong_code"',
  }),
  smsworks: ({ credential }) => ({
    header: `Authorization: ${credential}`,
    send: [
      '/smsworks/v1/otp/send',
      `{"destination":"33${recipient}","length":10,"template":"{{passcode}} is your code"}`,
    ],
    sent: 201,
    id: 'messageid',
    check: ['/smsworks/v1/otp/verify', `{"passcode":"${longCode}"}`],
    code: longCode,
    right: '"status":"VERIFIED"',
    wrong: '"errorCode":404',
  }),
  smscx: ({ credential }) => ({
    header: `X-API-KEY: ${credential}`,
    send: ['/smscx/otp', `{"phoneNumber":"+33${recipient}","template":"{{pin}} is your code"}`],
    sent: 201,
    id: 'otpId',
    check: [`/smscx/otp/${id}`, `{"pin":"${code}"}`],
    right: '"VERIFIED"',
    wrong: '"code":2029',
  }),
  ding: ({ credential, customer }) => ({
    header: `x-api-key: ${credential}`,
    send: ['/ding/v1/authentication', `{"customer_uuid":"${customer}","phone_number":"+33${recipient}"}`],
    sent: 200,
    id: 'authentication_uuid',
    check: ['/ding/v1/check', `{"customer_uuid":"${customer}","authentication_uuid":"${id}","check_code":"${code}"}`],
    right: '"status":"valid"',
    wrong: '"status":"invalid"',
  }),
};

export function speechOf(spoken: Spoken, host: string): Speech {
  const { header, send, check, code: sample = code, ...said } = words[spoken.dialect](spoken);
  const idAt = new RegExp(`"${said.id}":"([^"]*)"`);
  return {
    ...said,
    send: () => bareSend(post(host, header, send)),
    idIn: (body) => idAt.exec(body)?.[1] ?? '',
    check: () => bareCheck(post(host, header, check), sample),
    // The SMS Works finds a verification by its code alone, and its codes never begin with 0.
    wrongCode: (right) => (right.startsWith('0') ? wrongCode(right) : `0${right.slice(1)}`),
  };
}

function bareSend(bytes: Buffer): SendBytes {
  const at = bytes.lastIndexOf(recipient);
  return { bytes, fill: (index) => void bytes.write(String(nationalNumber(index)), at, 'latin1') };
}

function bareCheck(bytes: Buffer, sample: string): CheckBytes {
  const idAt = bytes.indexOf(id);
  const codeAt = bytes.lastIndexOf(`"${sample}"`) + 1;
  return {
    bytes,
    fill(verification, typed) {
      if (verification.length !== id.length || typed.length !== sample.length)
        throw new RangeError('id or code length');
      if (idAt !== -1) bytes.write(verification, idAt, 'latin1');
      bytes.write(typed, codeAt, 'latin1');
    },
  };
}

function post(host: string, header: string, [path, body]: readonly [string, string]): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n`;
  return Buffer.from(
    `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  );
}
