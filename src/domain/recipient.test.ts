import { expect, test } from 'vitest';
import { emailSpellings, numberSpellings } from '../../testing/spellings.ts';
import { defaultChannel, isProblem, parseRecipient, reaches } from './recipient.ts';

const strict = { fictitious: false };

function parsed(text: string, country?: string, fictitious = false) {
  const recipient = parseRecipient(text, { country, fictitious });
  if (isProblem(recipient)) throw new Error(`${recipient.field} ${recipient.remedy}`);
  return recipient;
}

test('30 spellings of one number, some national and with their country, are one recipient', () => {
  expect(numberSpellings.length).toBeGreaterThanOrEqual(30);
  expect(new Set(numberSpellings.map(({ recipient, country }) => `${recipient} ${country}`)).size).toBe(
    numberSpellings.length,
  );
  for (const { recipient, country } of numberSpellings) {
    expect(parsed(recipient, country), recipient).toEqual({
      kind: 'phone',
      value: '+33612345678',
      country: 'FR',
      line: 'mobile',
    });
  }
});

test('30 spellings of one e-mail address are one recipient', () => {
  expect(new Set(emailSpellings).size).toBeGreaterThanOrEqual(30);
  for (const text of emailSpellings) {
    expect(parsed(text), text).toEqual({ kind: 'email', value: 'ada.lovelace+code@xn--bcher-kva.example' });
  }
});

const numbers: [sentence: string, text: string, country: string | undefined, value: string, region: string][] = [
  ['a British mobile', '07400 123456', 'GB', '+447400123456', 'GB'],
  ['a Belgian one', '0470 12 34 56', 'BE', '+32470123456', 'BE'],
  ['an Italian landline, whose zero stays', '02 1234 5678', 'IT', '+390212345678', 'IT'],
  ['a foreign number with the country of the caller', '+33 6 12 34 56 78', 'GB', '+33612345678', 'FR'],
  ['a Canadian number, of the code it shares', '+1 613 555 0123', undefined, '+16135550123', 'CA'],
];

test.each(numbers)('reads %s', (_, text, country, value, region) => {
  expect(parsed(text, country, true)).toMatchObject({ kind: 'phone', value, country: region });
});

const refusedNumbers: [sentence: string, text: string, country: string | undefined, field: string][] = [
  ['nothing', '', undefined, 'recipient'],
  ['a word', 'hello', undefined, 'recipient'],
  ['a national number without its country', '0612345678', undefined, 'recipient'],
  ['a country that is none', '0612345678', 'XX', 'country'],
  ['a country in small letters', '0612345678', 'fr', 'country'],
  ['a country out of the prototype', '0612345678', 'constructor', 'country'],
  ['one digit too few', '+3361234567', undefined, 'recipient'],
  ['one digit too many', '+336123456789', undefined, 'recipient'],
  ['an unknown calling code', '+999123456789', undefined, 'recipient'],
  ['full-width digits', '+３３６１２３４５６７８', undefined, 'recipient'],
  ['Arabic digits', '+٣٣٦١٢٣٤٥٦٧٨', undefined, 'recipient'],
  ['a new line', '+33612345678\n', undefined, 'recipient'],
  ['a carriage return and a header', '+33612345678\r\nX: y', undefined, 'recipient'],
  ['an extension', '+33612345678;ext=1', undefined, 'recipient'],
  ['two numbers', '+33612345678,+33612345679', undefined, 'recipient'],
  ['a second plus', '++33612345678', undefined, 'recipient'],
  ['letters of a keypad', '+1800FLOWERS', undefined, 'recipient'],
  ['a kilobyte of digits', `+33${'6'.repeat(1024)}`, undefined, 'recipient'],
];

test.each(refusedNumbers)('refuses %s as a number', (_, text, country, field) => {
  expect(parseRecipient(text, { country, fictitious: true })).toMatchObject({ field });
});

test('a number that nobody can own passes in development alone, with the country of its calling code', () => {
  expect(parseRecipient('+33012345678', strict)).toMatchObject({ field: 'recipient' });
  expect(parsed('+33012345678', undefined, true)).toMatchObject({
    kind: 'phone',
    value: '+33012345678',
    country: 'FR',
  });
  expect(parsed('+15555550100', undefined, true)).toMatchObject({
    kind: 'phone',
    value: '+15555550100',
    country: 'US',
  });
});

const refusedAddresses: [sentence: string, text: string][] = [
  ['no local part', '@example.com'],
  ['no domain', 'ada@'],
  ['a domain without a dot', 'ada@localhost'],
  ['two ats', 'ada@evil.example@example.com'],
  ['a comma and a second address', 'ada@example.com,eve@evil.example'],
  ['a comma in the local part', 'ada,eve@example.com'],
  ['a semicolon', 'ada@example.com;eve@evil.example'],
  ['a new line and a header', 'ada@example.com\r\nBcc: eve@evil.example'],
  ['a new line in the local part', 'ada\nBcc@example.com'],
  ['a carriage return at the end', 'ada@example.com\r'],
  ['a tab', 'ada\t@example.com'],
  ['a NUL', 'ada\u0000@example.com'],
  ['a space', 'ada lovelace@example.com'],
  ['a space before it', ' ada@example.com'],
  ['a quoted local part', '"ada"@example.com'],
  ['a quoted local part with a new line', '"ada\r\n"@example.com'],
  ['a display name', 'Ada <ada@example.com>'],
  ['angle brackets', '<ada@example.com>'],
  ['a comment', 'ada(comment)@example.com'],
  ['a backslash', 'ada\\@example.com'],
  ['a percent route through a second at', 'ada%evil.example@@example.com'],
  ['a leading dot', '.ada@example.com'],
  ['two dots', 'ada..l@example.com'],
  ['a trailing dot', 'ada.@example.com'],
  ['a dot after the domain', 'ada@example.com.'],
  ['an empty label', 'ada@example..com'],
  ['a label that begins with a hyphen', 'ada@-example.com'],
  ['an address literal', 'ada@[127.0.0.1]'],
  ['a bare IP address', 'ada@127.0.0.1'],
  ['a name that reads as an IP address', 'ada@0x7f.1'],
  ['a new line within the domain', 'ada@exam\nple.com'],
  ['a query', 'ada@example.com?x'],
  ['a fragment', 'ada@example.com#x'],
  ['an escape of percent', 'ada@%65xample.com'],
  ['a path', 'ada@example.com/x'],
  ['a port', 'ada@example.com:25'],
  ['letters outside ASCII in the local part', 'adä@example.com'],
  ['a local part of 65 characters', `${'a'.repeat(65)}@example.com`],
  ['255 characters', `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(6)}.de`],
  ['a domain that grows too long in ASCII', `ada@${'ü'.repeat(63)}.de`],
];

test.each(refusedAddresses)('refuses an e-mail address with %s', (_, text) => {
  expect(parseRecipient(text, strict)).toMatchObject({ field: 'recipient' });
});

test('accepts what plain local parts may hold', () => {
  expect(parsed("a.b-c_d+e'f@example.co.uk").value).toBe("a.b-c_d+e'f@example.co.uk");
  expect(parsed(`${'a'.repeat(64)}@example.com`).value).toHaveLength(76);
});

test('an address asks for e-mail and a number for SMS, and no other form is reached', () => {
  const phone = parsed('+33612345678');
  const email = parsed('ada@example.com');
  expect([defaultChannel(phone), defaultChannel(email)]).toEqual(['sms', 'email']);
  expect(['sms', 'voice', 'whatsapp', 'telegram', 'email'].map((c) => reaches(c as 'sms', phone))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  expect([reaches('email', email), reaches('sms', email)]).toEqual([true, false]);
});
