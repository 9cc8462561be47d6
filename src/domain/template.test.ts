import { expect, test } from 'vitest';
import { defaultTemplate, render, templateLengthMax, templateProblem } from './template.ts';

const values = { code: '012345', brand: 'Acme', minutes: '5' };

test('renders every placeholder, each time it is named', () => {
  expect(render('{{code}} {{brand}} {{minutes}} {{code}}', values)).toBe('012345 Acme 5 012345');
});

test('leaves placeholders and replacement patterns inside a value as they are', () => {
  const brand = '{{code}} $& $1 $$';
  expect(render('{{brand}}: {{code}}', { ...values, brand })).toBe(`${brand}: 012345`);
});

test('the default template says the code, whose it is, and how long it lives', () => {
  expect(templateProblem(defaultTemplate)).toBeUndefined();
  expect(render(defaultTemplate, values)).toContain('012345 is your Acme verification code. It expires in 5 minutes.');
});

const code = '{{code}}';
const padded = (length: number) => code + 'a'.repeat(length - code.length);
const accepted: [sentence: string, template: string][] = [
  ['the longest one', padded(templateLengthMax)],
  ['two lines', `Acme\n${code}`],
  ['single braces', `{ ${code} }`],
  ['other writing systems', `${code} は確認コードです`],
];

test.each(accepted)('accepts %s', (_, template) => {
  expect(templateProblem(template)).toBeUndefined();
});

const refused: [sentence: string, template: string, remedy: string][] = [
  ['one character too many', padded(templateLengthMax + 1), 'must be at most'],
  ['a text without the code', 'Hello {{brand}}', 'must contain {{code}}'],
  ['an empty text', '', 'must contain {{code}}'],
  ['an unknown placeholder', `${code} {{name}}`, 'may name only'],
  ['a placeholder with spaces', `${code} {{ brand }}`, 'may name only'],
  ['a closing pair alone', `${code} }}`, 'may name only'],
  ['a NUL', `${code}\u0000`, 'control characters'],
  ['a carriage return', `${code}\r\nX`, 'control characters'],
  ['a tab', `${code}\t`, 'control characters'],
  ['an escape', `${code}\u001b[0m`, 'control characters'],
  ['a link', `${code} https://example.com`, 'must not contain a link'],
  ['a link in capitals', `${code} HTTP://example.com`, 'must not contain a link'],
  ['a link without a scheme', `${code} www.example.com`, 'must not contain a link'],
];

test.each(refused)('refuses %s', (_, template, remedy) => {
  expect(templateProblem(template)).toContain(remedy);
});
