/** Where the built file of a thread is: a thread runs only built code, while tests load the store from its source. */
export function threadFile(name: 'writer-thread' | 'checkpoint-thread' | 'backup-thread'): URL {
  const here = import.meta.url;
  const folder = here.endsWith('.ts') ? '../../../dist/src/stores/sqlite/' : './';
  return new URL(`${folder}${name}.js`, here);
}
