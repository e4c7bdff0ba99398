import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Place, storeContract } from '../contract/store-contract.ts';
import { FileStore } from './file-store.ts';
import { SimulatedDisk } from './testing/simulated-disk.ts';

storeContract('file store', {
  create: async (): Promise<Place> => {
    const directory = await mkdtemp(join(tmpdir(), 'guichet-file-store-'));
    return {
      make: () => new FileStore({ directory, snapshotEverySeconds: 0 }),
      dispose: () => rm(directory, { recursive: true, force: true }),
    };
  },
});

// The simulated disk answers at once, so that what the real one does in parallel happens in other orders here.
storeContract('file store on a simulated disk', {
  create: async (): Promise<Place> => {
    const disk = new SimulatedDisk();
    return {
      make: () => new FileStore({ directory: '/data', disk, snapshotEverySeconds: 0 }),
      dispose: async () => {},
    };
  },
});
