import { test } from 'node:test';
import type { Driver } from '../../../src/stores/sql/dialect.ts';
import { walkAlong, walkSeeds } from '../../../src/stores/tiered/testing/walk-along.ts';
import type { Servers } from '../../support/databases/on-database.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { seededRandom } from '../../support/random.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { undoAfter } from '../../support/undo-after.ts';
import { LocalDisk } from './local-disk.ts';
import { ServerDisk } from './server-disk.ts';

/** A chain of a database server, a store on this machine, and memory. */
export interface RealChain {
  readonly server: 'postgres' | 'mysql';
  readonly local: 'file' | 'sqlite';
  readonly observe: (url: URL) => Driver;
}

/** Two walks that meet about everything: lost answers, cuts, ends of the process between writes, writes that come late. */
const TELLING = [384, 1347];

/** Declares walks of the model beside a chain of real stores; `npm run lab -- walks --chain ...` has more of them. */
export const chainWalks = (servers: Servers, { server: kind, local, observe }: RealChain): void => {
  for (const seed of walkSeeds(TELLING)) {
    test(`[FB-17] walk ${seed}: ${kind}, ${local}, memory do what the model does`, { timeout: 120_000 }, async (t) => {
      const server = await servers.shared();
      const url = await server.database(t);
      const proxy = await FaultProxy.start(t, url);
      const random = seededRandom(seed);
      const disks = [
        new ServerDisk(kind, { server, proxy, observer: observe(new URL(url)), random: seededRandom(-seed) }),
        new LocalDisk(local, tempDir(t)),
      ];
      for (const disk of disks) undoAfter(t, () => disk.end());
      const rules = { volatile: true, tailBound: 3 + Math.floor(random() * 6), page: 1000 };
      await walkAlong({ seed, random, disks, rules, steps: 60, messages: 25 });
    });
  }
};
