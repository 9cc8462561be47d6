import { openFile, openInMemory } from '../../../testing/sqlite.ts';
import { storeContract } from '../../../testing/store-contract.ts';

storeContract('SQLite in a file', openFile, { persistent: true });
storeContract('SQLite in memory', openInMemory, { persistent: false });
