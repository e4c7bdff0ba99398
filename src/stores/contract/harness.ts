import type { LogHead, OpenOptions, Store } from '../../domain/store.ts';
import { Writer } from './writer.ts';

/** Where a store keeps its log: a folder, a database, or for the memory store nothing at all. */
export interface Place {
  /** A store on this place that was not opened yet. Asked for again only when the one before it is closed. */
  make(): Store;
  /** Removes everything. All stores on the place are closed by then. */
  dispose(): Promise<void>;
}

/** How the contract suite gets at stores of one kind. */
export interface Harness {
  /** A fresh, empty place. */
  create(): Promise<Place>;
  /** What its stores forget at their end, as their capabilities say. */
  readonly forgets?: boolean;
  /** Random logs tried by each property; fewer for a store that is slow to open. */
  readonly runs?: number;
}

/** A store that is open, and a writer in front of it. */
export interface Opened {
  readonly store: Store;
  readonly head: LogHead;
  readonly writer: Writer;
}

/** What one test of the suite works with. Everything it opened is closed and removed behind it. */
export class Site {
  readonly runs: number;
  readonly #harness: Harness;
  readonly #places: Place[] = [];
  readonly #stores: Store[] = [];

  constructor(harness: Harness) {
    this.#harness = harness;
    this.runs = harness.runs ?? 25;
  }

  /** A place of its own. */
  async place(): Promise<Place> {
    const place = await this.#harness.create();
    this.#places.push(place);
    return place;
  }

  /** A store on a place, not opened yet. */
  make(place: Place): Store {
    const store = place.make();
    this.#stores.push(store);
    return store;
  }

  /** A store on the place, by default on a fresh one, opened. */
  async open(options: OpenOptions = {}, place?: Place): Promise<Opened> {
    const store = this.make(place ?? (await this.place()));
    const head = await store.open(options);
    return { store, head, writer: new Writer(store, head) };
  }

  async dispose(): Promise<void> {
    for (const store of this.#stores) await store.close();
    for (const place of this.#places) await place.dispose();
  }
}

/** The body of a test that needs a site. */
export const onSite = (harness: Harness, work: (site: Site) => Promise<void>) => async (): Promise<void> => {
  const site = new Site(harness);
  try {
    await work(site);
  } finally {
    await site.dispose();
  }
};
