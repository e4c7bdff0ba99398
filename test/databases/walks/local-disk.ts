import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSingleStoreUrl } from '../../../src/config/store-url.ts';
import type { Store } from '../../../src/domain/store.ts';
import { createStore } from '../../../src/stores/open-store.ts';
import { KeptDisk } from './kept-disk.ts';

/**
 * A store on the disk of this machine. Every process finds a copy of the files as they stood when the one before it
 * ended, for that is what a kill -9 leaves: nothing is closed, emptied or rounded off.
 */
export class LocalDisk extends KeptDisk {
  override readonly kind: 'file' | 'sqlite';
  readonly #dir: string;
  #lives = 0;

  /** @param dir an empty folder */
  constructor(kind: 'file' | 'sqlite', dir: string) {
    super(kind);
    this.kind = kind;
    this.#dir = dir;
  }

  protected async make(): Promise<Store> {
    const left = this.#place;
    this.#lives += 1;
    if (this.inner !== undefined) await cp(left, this.#place, { recursive: true });
    const path = this.kind === 'file' ? this.#place : join(this.#place, 'chat.db');
    return createStore(parseSingleStoreUrl(`${this.kind}:${path}`, '--store'), { snapshotEverySeconds: 0 });
  }

  get #place(): string {
    return join(this.#dir, `life-${this.#lives}`);
  }
}
