import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyLog } from '../../src/domain/copy-log.ts';
import type { Store } from '../../src/domain/store.ts';
import { FileStore } from '../../src/stores/file/file-store.ts';
import { MemoryStore } from '../../src/stores/memory/memory-store.ts';

/** A log as it was at one moment. */
export interface Copy {
  readonly store: Store;
  readonly messageIds: ReadonlySet<string>;
}

/** Copies the log of a file store, which a running server may hold. */
export const takeCopy = async (directory: string): Promise<Copy> => {
  const source = new FileStore({ directory });
  const { log } = await source.open({ reading: true });
  const store = new MemoryStore();
  await copyLog(source, store, await store.open({ log }), { log });
  await source.close();
  const messageIds = new Set<string>();
  for (let position = 0, more = true; more; ) {
    const page = await store.recordsSince(position, 1000);
    for (const record of page.records) if (record.is('message')) messageIds.add(record.value.id);
    position = page.through;
    ({ more } = page);
  }
  return { store, messageIds };
};

/** Puts a copy in the place of a file store that nobody holds, as a restore to the past does. */
export const rewindTo = async (copy: Copy, directory: string): Promise<void> => {
  const present = new FileStore({ directory });
  const { log } = await present.open({ reading: true });
  await present.close();
  const past = `${directory}-past`;
  const target = new FileStore({ directory: past });
  const rewound = { ...log, rewinds: log.rewinds + 1 };
  await copyLog(copy.store, target, await target.open({ log: rewound }), { log: rewound });
  await target.close();
  await copyFile(join(directory, 'secrets.json'), join(past, 'secrets.json'));
  await rm(directory, { recursive: true });
  await rename(past, directory);
};
