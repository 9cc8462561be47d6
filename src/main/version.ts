import { readFileSync } from 'node:fs';

const { version: stated } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string };

/** Of the software, as package.json states it. */
export const version = stated;

/** Sources lie two folders below the package, built files three. */
function packageFile(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? '../../package.json' : '../../../package.json', here);
}
