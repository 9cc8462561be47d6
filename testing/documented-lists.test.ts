import { expect, test } from 'vitest';
import { scopes } from '../src/domain/scope.ts';
import { eventKinds } from '../src/engine/events.ts';
import { textOf } from './syntax.ts';

/* Lists of the code that a document repeats for its readers. */

test('docs/administration.md lists every scope, and no other', () => {
  const [, section = ''] = /^### Scopes\n(.*?)^### /ms.exec(textOf('docs/administration.md')) ?? [];
  const listed = [...section.matchAll(/^\| `([a-z:-]+)` /gm)].map(([, scope]) => scope);
  expect(listed).toEqual([...scopes]);
});

test('docs/webhooks.md lists every kind of event, and no other', () => {
  const [, section = ''] = /^## Events\n(.*?)^## /ms.exec(textOf('docs/webhooks.md')) ?? [];
  const listed = [...section.matchAll(/^\| `([a-z.-]+)` /gm)].map(([, kind]) => kind);
  expect(listed).toEqual([...eventKinds]);
});

test('docs/operations.md says under a heading of its own what to do about every alert', () => {
  const alerts = [...textOf('deploy/alerts.yml').matchAll(/^ *- alert: (\w+)$/gm)].map(([, name]) => name);
  expect(alerts.length).toBeGreaterThan(5);
  const headings = [...textOf('docs/operations.md').matchAll(/^### (Countersign\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(alerts);
});
