import { nationalNumber } from './recipients.ts';

const SAMPLE_ID = '00000000-0000-7000-8000-000000000000';
const CODE_DIGITS = 6;

/** The bytes of one request, built once for each connection; what differs is written over in place. */
export interface SendBytes {
  readonly bytes: Buffer;
  fill(index: number): void;
}

export interface CheckBytes {
  readonly bytes: Buffer;
  fill(id: string, code: string): void;
}

/** A create whose recipient, reference, end-user address and idempotency key all come from a number below 10^8. */
export function sendBytes(host: string, apiKey: string): SendBytes {
  const body = '{"recipient":"+33600000000","reference":"bench-00000000","signals":{"ip":"130.100.100.100"}}';
  const bytes = post('/v1/verifications', host, apiKey, body, 'Idempotency-Key: bench-00000000\r\n');
  const key = bytes.indexOf('Idempotency-Key: bench-') + 'Idempotency-Key: bench-'.length;
  const number = bytes.indexOf('+33') + 3;
  const reference = bytes.indexOf('"reference":"bench-') + '"reference":"bench-'.length;
  const address = bytes.indexOf('"ip":"') + '"ip":"'.length;
  return {
    bytes,
    fill(index) {
      digits(bytes, key, 8, index);
      digits(bytes, number, 9, nationalNumber(index));
      digits(bytes, reference, 8, index);
      // Octets of three digits keep the length constant: an address of its own for 30 million requests.
      digits(bytes, address, 3, 130 + (Math.floor(index / 1_000_000) % 30));
      digits(bytes, address + 4, 3, 100 + (Math.floor(index / 10_000) % 100));
      digits(bytes, address + 8, 3, 100 + (Math.floor(index / 100) % 100));
      digits(bytes, address + 12, 3, 100 + (index % 100));
    },
  };
}

/**
 * A check of one code.
 * @throws RangeError from `fill` when id or code have another length than the server's defaults give them
 */
export function checkBytes(host: string, apiKey: string): CheckBytes {
  const bytes = post(`/v1/verifications/${SAMPLE_ID}/checks`, host, apiKey, '{"code":"000000"}', '');
  const idAt = bytes.indexOf(SAMPLE_ID);
  const codeAt = bytes.indexOf('"code":"') + '"code":"'.length;
  return {
    bytes,
    fill(id, code) {
      if (id.length !== SAMPLE_ID.length || code.length !== CODE_DIGITS) throw new RangeError('id or code length');
      bytes.write(id, idAt, 'latin1');
      bytes.write(code, codeAt, 'latin1');
    },
  };
}

/** A code of the same length that is surely another. */
export function wrongCode(code: string): string {
  return code.slice(0, -1) + ((Number(code.slice(-1)) + 1) % 10);
}

function post(path: string, host: string, apiKey: string, body: string, extraHeaders: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${apiKey}\r\n${extraHeaders}`;
  const entity = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return Buffer.from(head + entity, 'latin1');
}

function digits(bytes: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let position = at + width - 1; position >= at; position--) {
    bytes[position] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
