import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { reasonOf, removeFile, removeTree } from './disk-files.ts';
import { Generation } from './generation.ts';
import type { Segment } from './journal-segment.ts';
import type { Logger } from './logger.ts';
import type { MessageShelf } from './message-shelf.ts';
import { type Originals, renewReadableCopies } from './readable-copies.ts';
import { type SnapshotManifest, snapshotName, snapshotPath, snapshotsDirectory } from './snapshot-format.ts';
import { type Pinned, writeSnapshot } from './snapshot-writer.ts';

export interface SnapshotKeeperOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  readonly now: () => number;
  readonly shelf: MessageShelf;
  /** Of the journal, oldest first; those that no kept snapshot needs are taken away. */
  readonly segments: Segment[];
  /** Those that can be read, newest first. */
  readonly snapshots: readonly SnapshotManifest[];
  /** What else may stand at the top of the directory; see `renewReadableCopies`. */
  readonly originals: () => Originals;
  /** Between two batches: begins a new segment and pins the log; `undefined` when it is not whole at the moment. */
  readonly pin: () => Promise<Pinned | undefined>;
  /** A backup holds everything up to here: the journal behind it is kept, so that no moment since is lost. */
  readonly backedUp: () => number | undefined;
  /** Makes the manifest of the store name these snapshots. */
  readonly commit: (snapshots: readonly SnapshotManifest[]) => Promise<void>;
}

/** Snapshots kept: if the newest turns out to be damaged, the older one and the journal since hold everything. */
const KEPT = 2;

/** The journal that only a backup still needs may take this much room, or twice that of the messages. */
const JOURNAL_FOR_BACKUP_BYTES = 256 * 1024 * 1024;

/** Takes snapshots one at a time, and lets go of what they make superfluous. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  #snapshots: readonly SnapshotManifest[];
  /** Those whose copies may stand at the top, newest first. */
  #copied: readonly SnapshotManifest[];
  /** Asked to keep no more journal than snapshots need, until the next look at what is needed. */
  #forgetting = false;
  #running: Promise<boolean> | undefined;
  #abort = new AbortController();
  #error: string | null = null;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#snapshots = options.snapshots;
    this.#copied = options.snapshots;
  }

  get snapshots(): readonly SnapshotManifest[] {
    return this.#snapshots;
  }

  /** Why the last attempt failed; null after a success. */
  get error(): string | null {
    return this.#error;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Takes a snapshot, or waits for the one that is being taken. Never rejects: false when there is no new one.
   * @param forgetting the journal is kept for snapshots only, not for the next backup
   */
  take(forgetting = false): Promise<boolean> {
    this.#forgetting ||= forgetting;
    this.#running ??= this.#take().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Gives up the one that is being taken, and takes no more. */
  abort(): void {
    this.#abort.abort(new Error('The time for a snapshot was over.'));
  }

  async #take(): Promise<boolean> {
    const { shelf, logger } = this.#options;
    try {
      const pinned = await this.#options.pin();
      if (pinned === undefined) return false;
      await this.#write(pinned);
      this.#error = null;
    } catch (error) {
      shelf.thaw();
      this.#error = `The last snapshot failed: ${reasonOf(error)}`;
      logger.error(`${this.#error} The former one and the journal hold everything.`);
      return false;
    }
    const isForgetting = this.#forgetting;
    try {
      await this.#tidy();
    } catch (error) {
      logger.warn(`After a snapshot: ${reasonOf(error)}`);
      // The snapshot is there; what was to be forgotten may be there as well.
      return !isForgetting;
    }
    return true;
  }

  async #write(pinned: Pinned): Promise<void> {
    const { disk, directory, now, shelf, commit } = this.#options;
    const { manifest, index } = await writeSnapshot({ disk, directory, pinned, now, signal: this.#abort.signal });
    const messages = join(snapshotPath(directory, manifest.position), 'messages.json');
    const generation = new Generation(messages, await disk.open(messages, 'read'), index);
    const snapshots = [manifest, ...this.#snapshots].slice(0, KEPT);
    try {
      await commit(snapshots);
    } catch (error) {
      generation.retire();
      throw error;
    }
    this.#snapshots = snapshots;
    this.#copied = [manifest, ...this.#copied];
    shelf.adopt(generation);
  }

  /** The first segment that is kept: back to the last backup, unless that takes too much room. */
  #neededFrom(bySnapshots: number): number {
    const { segments, backedUp } = this.#options;
    const position = this.#forgetting ? undefined : backedUp();
    this.#forgetting = false;
    if (position === undefined) return bySnapshots;
    const room = Math.max(JOURNAL_FOR_BACKUP_BYTES, 2 * this.#snapshots[0]!.files['messages.json'].bytes);
    let first = bySnapshots;
    for (let bytes = 0; first > 0 && segments[first]!.after > position; first -= 1) {
      bytes += segments[first - 1]!.bytes;
      if (bytes > room) break;
    }
    return first;
  }

  /** Renews the readable copies; removes snapshots that are not kept, and the journal in front of the oldest kept. */
  async #tidy(): Promise<void> {
    const { disk, directory, logger, segments, originals } = this.#options;
    await renewReadableCopies({ disk, directory, logger }, this.#copied, originals());
    this.#copied = this.#copied.slice(0, 1);
    const kept = new Set(this.#snapshots.map(({ position }) => snapshotName(position)));
    const place = snapshotsDirectory(directory);
    for (const name of await disk.list(place)) if (!kept.has(name)) await removeTree(disk, join(place, name));
    // What was to be forgotten must not come back by a power cut.
    await disk.syncDirectory(place);
    if (this.#snapshots.length < KEPT) return;
    const oldest = this.#snapshots.at(-1)!.position;
    const needed = this.#neededFrom(segments.findLastIndex((segment) => segment.after <= oldest));
    for (const { path } of segments.splice(0, Math.max(0, needed))) await removeFile(disk, path);
    await disk.syncDirectory(join(directory, 'journal'));
  }
}
