import { expect, test } from 'vitest';
import { typed } from '../../../testing/cli.ts';

test('prints a settings file as it is, and inside one JSON document', async () => {
  const example = 'listen: 127.0.0.1:8080\n';
  expect(await typed(['config', 'example'], {})).toMatchObject({ exit: 0, out: example, err: '' });
  const { out } = await typed(['config', 'example', '--json'], {});
  expect(JSON.parse(out)).toEqual({ example });
});

test('reports every problem of the settings, a line each, and ends with 2', async () => {
  const asked: unknown[] = [];
  const checkSettings = async (...given: unknown[]) => {
    asked.push(given);
    return { file: '/etc/countersign.yaml', problems: ['listen must be x', 'dataDir is required'] };
  };
  const args = ['config', 'check', '--config', 'countersign.yaml', '--data-dir', 'data'];
  const { exit, out, err } = await typed(args, {}, { checkSettings });
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toBe('countersign: listen must be x\ncountersign: dataDir is required\n');

  const program = await typed([...args, '--json', '--development'], {}, { checkSettings });
  const problems = ['listen must be x', 'dataDir is required'];
  const problem = {
    code: 'bad_settings',
    detail: problems.join('\n'),
    file: '/etc/countersign.yaml',
    problems,
    exit: 2,
  };
  expect(JSON.parse(program.err)).toEqual({ problem });
  const where = { configFile: 'countersign.yaml', dataDir: 'data' };
  expect(asked).toEqual([
    [where, 'production'],
    [where, 'development'],
  ]);
});

test('lists settings by key, variable and default', async () => {
  const listen = { key: 'listen', variable: 'COUNTERSIGN_LISTEN', preset: '127.0.0.1:8080', does: 'Address and port' };
  const { exit, out } = await typed(['config', 'list'], {}, { listSettings: async () => [listen] });
  expect(exit).toBe(0);
  expect(out).toMatch(
    /^KEY +VARIABLE +DEFAULT +MEANING\nlisten +COUNTERSIGN_LISTEN +127\.0\.0\.1:8080 +Address and port\n$/,
  );
});
