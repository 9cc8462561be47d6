import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSmallFile } from './small-file.ts';
import { parseYaml, type Written } from './yaml.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const settingsFileName = 'countersign.yaml';
export const settingsFileVariable = 'COUNTERSIGN_CONFIG';
const bytesMax = 256 * 1024;

export interface SettingsFile {
  /** As the user named it. */
  readonly shown: string;
  readonly openToOthers: boolean;
  readonly root: Written;
}

export type OpenedFile =
  | { readonly kind: 'opened'; readonly file: SettingsFile | undefined }
  | { readonly kind: 'unusable'; readonly problems: readonly string[] };

/** Reads the file that was named, or the one in the working directory if it is there. */
export function openSettingsFile(cwd: string, env: Environment, named: string | undefined): OpenedFile {
  const variable = env[settingsFileVariable] || undefined;
  const shown = named ?? variable ?? settingsFileName;
  const path = resolve(cwd, shown);
  if (named === undefined && variable === undefined && !existsSync(path)) return { kind: 'opened', file: undefined };

  const read = readSmallFile(path, bytesMax);
  if (read.kind === 'unreadable') {
    const by = named !== undefined ? '--config: ' : variable !== undefined ? `${settingsFileVariable}: ` : '';
    return { kind: 'unusable', problems: [`${by}the settings file ${shown} ${read.why}`] };
  }
  const parsed = parseYaml(read.text);
  if (parsed.kind === 'bad-yaml') {
    return { kind: 'unusable', problems: parsed.problems.map((problem) => `${shown} ${problem}`) };
  }
  const root = { line: 1, content: parsed.root };
  return { kind: 'opened', file: { shown, openToOthers: read.openToOthers, root } };
}
