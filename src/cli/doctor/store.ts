import { amount } from '../layout.ts';
import { bad, type Check, ok, orOk, warn } from './check.ts';
import type { Fact, KeyFileFacts, MachineFacts, StoreFacts } from './facts.ts';

export function storeChecks(store: StoreFacts, running: boolean): readonly Check[] {
  const name = 'store';
  const { file, exists, integrity, schema, schemaKnown, markedBackup, locked } = store;
  if (!exists) return [warn(name, `${file} does not exist yet`, 'start the server once, or restore a backup')];
  const found: Check[] = [];
  if (integrity !== 'ok') {
    found.push(bad(name, `${file} is damaged: ${integrity}`, 'stop the server and restore a backup'));
  }
  if (schema > schemaKnown) {
    const finding = `schema ${schema} is newer than ${schemaKnown}, which this version knows`;
    found.push(bad(name, finding, 'run the newer countersign'));
  }
  if (schema < schemaKnown && integrity === 'ok') {
    const finding = `schema ${schema} is older than ${schemaKnown}, which this version writes`;
    found.push(warn(name, finding, 'run: countersign migrate, or start the server, which does so'));
  }
  if (markedBackup) {
    found.push(bad(name, `${file} is a backup that was copied here`, 'run: countersign restore with the backup'));
  }
  if (locked && !running) {
    const finding = 'another process owns it and no server answers';
    found.push(bad(name, finding, 'stop the other process, or wait until it has started'));
  }
  return orOk(found, name, `whole, schema ${schema}`);
}

const secondMs = 1000;
const dayMs = 86_400_000;

/** The wall clock against what servers saw earlier, and against the network. */
export function clockChecks({ nowMs, clockSynchronised }: MachineFacts, store: Fact<StoreFacts>): readonly Check[] {
  const name = 'clock';
  const floorMs = store.kind === 'known' ? store.value.clockFloorMs : 0;
  const behindMs = floorMs - nowMs;
  const found: Check[] = [];
  if (behindMs > dayMs) {
    const finding = `it is ${amount(Math.floor(behindMs / dayMs), 'day')} behind what the store has seen`;
    const remedy = 'set the clock right; if it is right, start once with COUNTERSIGN_CONFIRM_CLOCK=yes';
    found.push(bad(name, finding, remedy));
  } else if (behindMs > 5 * secondMs) {
    const finding = `it is ${Math.round(behindMs / secondMs)} s behind what the store has seen`;
    found.push(warn(name, finding, 'set the clock right, and keep it so with NTP'));
  }
  if (clockSynchronised === false) {
    found.push(
      warn(name, 'the system does not keep it by the network', 'turn on NTP, as in: timedatectl set-ntp true'),
    );
  }
  return orOk(found, name, new Date(nowMs).toISOString());
}

export interface UsedKey {
  readonly ring: string;
  readonly id: string;
  readonly rows: number;
}

/** Rows whose key is not there cannot be checked or read. */
export function missingKeyChecks(used: readonly UsedKey[], keyFile: Fact<KeyFileFacts>): readonly Check[] {
  const name = 'keys';
  if (keyFile.kind === 'unknown' || !keyFile.value.exists || keyFile.value.problem !== null) return [];
  const { rings } = keyFile.value;
  const missing = used.filter(({ ring, id, rows }) => rows > 0 && !(rings[ring] ?? []).includes(id));
  const found = missing.map(({ ring, id, rows }) =>
    bad(
      name,
      `${amount(rows, 'row needs', 'rows need')} key ${id} of the ${ring} ring, which is missing`,
      'add it back to the key file',
    ),
  );
  return found.length > 0 ? found : [ok(name, 'all that rows need are there')];
}
