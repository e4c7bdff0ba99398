import { type Place, storeContract } from '../contract/store-contract.ts';
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';

const places = (options: MemoryStoreOptions = {}) => ({
  create: async (): Promise<Place> => ({ make: () => new MemoryStore(options), dispose: async () => {} }),
  runs: 60,
  forgets: true,
});

storeContract('memory', places());
// Nearly everything is below the floor of this one, so that both ways of answering a cursor meet the same tests.
storeContract('memory, short history', places({ history: 3 }));
