import { resolve as absolutePath, join } from 'node:path';
import { digestLog, wholeDigest } from '../../domain/digest.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { DirectoryKind, DirectoryValues } from '../../domain/model/directory.ts';
import { checkBatch } from '../../domain/state/check-batch.ts';
import { hitsOf, planSearch } from '../../domain/state/message-search.ts';
import { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type * as Port from '../../domain/store.ts';
import { Mutex } from '../../lib/mutex.ts';
import { Adoption, isPlain, setOriginalsAside } from './adopt/adoption.ts';
import type { BackupManifest } from './backup/backup-format.ts';
import type { Moment, Place } from './backup/history.ts';
import { writeBackup } from './backup/write-backup.ts';
import { holdDirectory } from './directory-lock.ts';
import type { Disk, DiskLock } from './disk.ts';
import { asOutage, ensureDirectory, isMisplaced, misplaced, reasonOf, syncAbove } from './disk-files.ts';
import { Epoch } from './epoch.ts';
import { HeldLog } from './held-log.ts';
import type { EncodedBatch } from './journal-line.ts';
import { type Logger, SILENT } from './logger.ts';
import { readManifest, STORE_FORMAT, type StoreManifest, writeManifest } from './manifest.ts';
import { NodeDisk } from './node-disk.ts';
import { readStore } from './read-store.ts';
import { NO_ORIGINALS, restoreReadableCopies } from './readable-copies.ts';
import { type Recovered, recover } from './recovery.ts';
import { requireNoRepair } from './repair/unfinished-repair.ts';
import { type SnapshotManifest, snapshotsDirectory } from './snapshot-format.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import type { Pinned } from './snapshot-writer.ts';
import { beginCopy, requireNoCopy } from './unfinished-copy.ts';
import { upgradeOlder } from './upgrade.ts';

export interface FileStoreOptions {
  readonly directory: string;
  /** Seconds between snapshots when something changed; 0: only at close. Default 300. */
  readonly snapshotEverySeconds?: number;
  /**
   * Longest time a close waits for a snapshot: the journal holds everything anyway, and the next start takes longer.
   * Default 5, for a server is told to be quick. 0: as long as it takes.
   */
  readonly closeSeconds?: number;
  /** Of times without a zone in adopted files; an IANA name. Default: the system's. */
  readonly timezone?: string;
  readonly logger?: Logger;
  readonly disk?: Disk;
  /** Epoch ms. */
  readonly now?: () => number;
  /** Up to where the last backup holds everything: the journal behind it is kept for the next one. */
  readonly backedUp?: () => number | undefined;
  /** A copy into it is begun or gone on with: when it was empty it is opened for nothing else before {@link endCopy}. */
  readonly filling?: boolean;
  /** For reading only: the log as it once was. */
  readonly past?: Moment | Place;
}

/** Where the tail that is in no snapshot gets too long to wait for the next one by the clock. */
const TAIL_MIN_BYTES = 64 * 1024 * 1024;
const COMMITMENT = { tier: 'file', durable: true } as const;

/**
 * The log on plain files: a journal that makes every batch durable before it is acknowledged, snapshots that a person
 * can read, conversations and indexes in memory. Rules and formats: docs/spec/file-store.md.
 */
export class FileStore implements Port.Store {
  readonly name: string;
  readonly kind = 'file';
  readonly capabilities = { durable: true, reopens: true, readsAlong: true };
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #timezone: string | undefined;
  readonly #snapshotEvery: number;
  readonly #closeSeconds: number;
  readonly #backedUp: () => number | undefined;
  readonly #past: Moment | Place | undefined;
  readonly #filling: boolean;
  readonly #lifecycle = new StoreLifecycle();
  /** One batch, or one seam between segments, at a time. */
  readonly #writing = new Mutex();
  /** From the moment on that the directory was read. */
  #held: HeldLog | undefined;
  #lock: DiskLock | undefined;
  /** None in a store that was opened for reading. */
  #epoch: Epoch | undefined;
  /** Why it could not be begun at once. */
  #epochError: GuichetError | undefined;
  #keeper: SnapshotKeeper | undefined;
  /** Under way, until everything another program left is stored. */
  #adoption: Adoption | undefined;
  #copies: Promise<void> = Promise.resolve();
  #openError: string | null = null;
  #snapshotTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: FileStoreOptions) {
    this.#directory = absolutePath(options.directory);
    this.name = `file:${options.directory}`;
    this.#disk = options.disk ?? new NodeDisk();
    this.#logger = options.logger ?? SILENT;
    this.#now = options.now ?? Date.now;
    this.#timezone = options.timezone;
    this.#backedUp = options.backedUp ?? (() => undefined);
    this.#past = options.past;
    this.#filling = options.filling ?? false;
    this.#snapshotEvery = options.snapshotEverySeconds ?? 300;
    this.#closeSeconds = options.closeSeconds ?? 5;
  }

  open(options: Port.OpenOptions = {}): Promise<Port.LogHead> {
    return this.#lifecycle.open(() => this.#openOrRelease(options));
  }

  async #openOrRelease(options: Port.OpenOptions): Promise<Port.LogHead> {
    try {
      await (options.reading ? this.#openReading(options) : this.#open(options));
    } catch (error) {
      this.#openError = reasonOf(error);
      await this.#release();
      this.#lifecycle.closed();
      throw isMisplaced(error) ? misplaced(this.#directory, error) : asOutage(error);
    }
    this.#lifecycle.opened();
    if (this.#epochError !== undefined) this.#epoch!.failed(this.#epochError);
    this.#scheduleSnapshot();
    this.#log.search.begin();
    return this.#log.head;
  }

  async #open({ log }: Port.OpenOptions): Promise<void> {
    const [disk, directory, logger] = [this.#disk, this.#directory, this.#logger];
    await ensureDirectory(disk, directory);
    this.#lock = await holdDirectory(disk, directory);
    await requireNoRepair(disk, directory);
    if (!this.#filling) await requireNoCopy(disk, directory);
    await upgradeOlder({ disk, directory, logger });
    if (await isPlain(disk, directory)) await setOriginalsAside({ disk, directory, logger, now: this.#now, log });
    const found = await recover({ disk, directory, logger, log });
    if (found.begunSegment === 0) await syncAbove(disk, directory);
    if (this.#filling && found.position === 0) await beginCopy(disk, directory);
    this.#held = new HeldLog(found, { disk, directory, logger, epoch: found.epoch + 1, moving: false });
    if (found.adopting !== null) this.#adoption = new Adoption(found.adopting);
    await ensureDirectory(disk, join(directory, 'journal'));
    await ensureDirectory(disk, snapshotsDirectory(directory));
    this.#keeper = this.#makeKeeper(found.snapshots);
    await this.#beginEpoch(found);
    if (this.#adoption !== undefined) await this.#adopt(this.#adoption);
    else {
      // They are read whole: the start does not wait for it, everything that would touch them does.
      this.#copies = restoreReadableCopies({ disk, directory, logger }, found.snapshots);
    }
  }

  async #openReading({ log }: Port.OpenOptions): Promise<void> {
    const [disk, directory, logger] = [this.#disk, this.#directory, this.#logger];
    await requireNoCopy(disk, directory);
    const found = await readStore({ disk, directory, log }, this.#past);
    this.#held = new HeldLog(found, { disk, directory, logger, epoch: found.epoch, moving: true });
  }

  get #log(): HeldLog {
    return this.#held!;
  }

  /** @throws GuichetError `closing` unless calls are answered */
  get #opened(): HeldLog {
    this.#lifecycle.requireOpen();
    return this.#log;
  }

  /** A disk that is full or fails does not keep what is there from being read: then the store opens degraded. */
  async #beginEpoch(found: Recovered): Promise<void> {
    this.#epoch = new Epoch(found, {
      ...{ disk: this.#disk, directory: this.#directory, logger: this.#logger, now: this.#now, held: this.#log },
      ...{ lifecycle: this.#lifecycle, writing: this.#writing, requirePlace: () => this.#requirePlace() },
      commit: () => this.#writeManifest(found.snapshots, null),
    });
    try {
      await this.#epoch.begin();
    } catch (error) {
      if (this.#adoption !== undefined) throw error;
      this.#epochError = asOutage(error);
    }
  }

  #makeKeeper(snapshots: readonly SnapshotManifest[]): SnapshotKeeper {
    return new SnapshotKeeper({
      ...{ disk: this.#disk, directory: this.#directory, logger: this.#logger, now: this.#now },
      ...{ shelf: this.#log.shelf, segments: this.#log.segments, snapshots, backedUp: this.#backedUp },
      originals: () => this.#adoption?.originals ?? NO_ORIGINALS,
      pin: () => this.#writing.run(() => this.#pin()),
      commit: (kept) => this.#writeManifest(kept, null),
    });
  }

  async #adopt(adoption: Adoption): Promise<void> {
    const keeper = this.#keeper!;
    await adoption.run(
      {
        ...{ disk: this.#disk, directory: this.#directory, logger: this.#logger, now: this.#now },
        timezone: this.#timezone,
      },
      {
        keeper,
        view: (request) => this.#log.view(request),
        append: async (batch) => {
          await this.#append(batch);
          if (this.#tailIsLong) await keeper.take();
        },
        head: () => this.#log.head,
      },
    );
    this.#adoption = undefined;
    await this.#writeManifest(keeper.snapshots, null);
  }

  async identity(): Promise<Port.LogHead['log'] | undefined> {
    try {
      const manifest = await readManifest(this.#disk, this.#directory);
      return typeof manifest === 'object' ? manifest.log : undefined;
    } catch (error) {
      throw isMisplaced(error) ? misplaced(this.#directory, error) : asOutage(error);
    }
  }

  holder(): Port.Commitment {
    return COMMITMENT;
  }

  health(): Port.StoreHealth {
    const newest = this.#keeper?.snapshots[0];
    return {
      state: this.#lifecycle.state,
      since: this.#lifecycle.since,
      position: this.#held?.head.position ?? 0,
      floor: this.#held?.floor ?? 0,
      lastError: this.#openError ?? this.#epoch?.error ?? this.#keeper?.error ?? null,
      lastSnapshot: newest === undefined ? null : { position: newest.position, at: newest.takenAt },
    };
  }

  async append(batch: Port.Batch): Promise<Port.Commitment> {
    this.#lifecycle.requireOpen();
    if (this.#epoch === undefined) throw new GuichetError('fenced', `${this.name} was opened for reading.`);
    await this.#append(batch);
    if (this.#tailIsLong) void this.takeSnapshot();
    return COMMITMENT;
  }

  get #tailIsLong(): boolean {
    const written = this.#keeper!.snapshots[0]?.files['messages.json'].bytes ?? 0;
    return this.#log.shelf.recentBytes > Math.max(TAIL_MIN_BYTES, written / 2);
  }

  #append(batch: Port.Batch): Promise<void> {
    return this.#writing.run(async () => {
      const log = this.#log;
      if (checkBatch(batch, log.head) === 'again') return log.requireSame(batch);
      if (batch.records.length === 0 && batch.through === batch.after) return;
      const epoch = this.#epoch!;
      const written = epoch.append(batch);
      written.catch(() => {});
      // While the disk works: what the batch leads to is worked out now, and shown when it is durable.
      const show = log.stage(batch);
      let encoded: EncodedBatch;
      try {
        encoded = await written;
      } catch (error) {
        epoch.failed(error);
        throw error;
      }
      show(encoded);
      epoch.works();
    });
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    return this.#opened.view(request);
  }

  async recordsSince(position: number, limit: number, filter: Port.RecordFilter = {}): Promise<Port.RecordPage> {
    return this.#opened.since(position, limit, filter.userId);
  }

  async conversation(id: string): ReturnType<Port.Store['conversation']> {
    return this.#opened.state.head(id);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    return this.#opened.state.conversations.page(query);
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    return this.#opened.shelf.page(conversationId, range);
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    const { shelf } = this.#opened;
    return requests.map((request) => shelf.count(request));
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    const { search } = this.#opened;
    const plan = planSearch(query);
    return hitsOf(await search.search(plan), plan.limit);
  }

  async entry<K extends DirectoryKind>(kind: K, id: string): Promise<DirectoryValues[K] | undefined> {
    return this.#opened.state.directory.get(kind, id);
  }

  async entries<K extends DirectoryKind>(
    kind: K,
    page?: { after?: string; limit?: number },
  ): Promise<DirectoryValues[K][]> {
    return this.#opened.state.directory.list(kind, page);
  }

  async agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    return this.#opened.state.directory.agentByEmail(email);
  }

  /** Writes a snapshot now, or waits for the one being written. False when there was nothing to write, or it failed. */
  async takeSnapshot(forgetting = false): Promise<boolean> {
    const keeper = this.#keeper;
    if (keeper === undefined || !this.#epoch?.begun) return false;
    const { position } = this.#log.head;
    if (position === 0 || keeper.snapshots[0]?.position === position) return false;
    await this.#copies;
    return keeper.take(forgetting);
  }

  async #pin(): Promise<Pinned | undefined> {
    if (!this.#log.whole) return undefined;
    await this.#requirePlace();
    await this.#epoch!.rotate(this.#log.head.position);
    return this.#log.pinned();
  }

  /**
   * Writes a backup of what a store that was opened for reading shows, with the journal behind it (BK-5).
   * @param to becomes the backup: empty, or not there yet
   * @param add adds what else belongs to it
   * @throws StoreProblem when the directory is not empty, or the backup was not read back as what it was made of
   */
  async backUp(to: string, add: (path: string) => Promise<void> = async () => {}): Promise<BackupManifest> {
    const log = this.#opened;
    if (!log.whole) throw new GuichetError('unavailable', `${this.name} is being filled.`);
    const digest = wholeDigest(await digestLog(this));
    const reopen = (directory: string) => new FileStore({ disk: this.#disk, directory, logger: this.#logger });
    try {
      return await writeBackup({
        ...{ disk: this.#disk, to, digest, add, now: this.#now, pinned: log.pinned(), segments: log.segments },
        reopen,
      });
    } catch (error) {
      throw asOutage(error);
    } finally {
      log.shelf.thaw();
    }
  }

  /** What stands at our path is another's, or nothing, when somebody moved or replaced the directory under us. */
  async #requirePlace(): Promise<void> {
    if (await this.#lock!.isInPlace()) return;
    const cause = new Error(`${this.#directory} was removed, moved or replaced while it was in use`);
    throw new GuichetError('unavailable', undefined, { cause });
  }

  #scheduleSnapshot(): void {
    if (this.#snapshotEvery === 0) return;
    this.#snapshotTimer = setTimeout(() => {
      void this.takeSnapshot().then(() => {
        if (this.#closing === undefined) this.#scheduleSnapshot();
      });
    }, this.#snapshotEvery * 1000).unref();
  }

  async #writeManifest(snapshots: readonly SnapshotManifest[], cleanPosition: number | null): Promise<void> {
    const { log, keeper, epoch } = this.#log.head;
    const manifest: StoreManifest = {
      ...{ format: STORE_FORMAT, log, keeper: keeper!, epoch },
      segment: this.#epoch!.segment,
      snapshots: snapshots.map(({ position }) => position),
      ...{ cleanPosition, adopting: this.#adoption?.name ?? null },
    };
    await this.#requirePlace();
    await writeManifest(this.#disk, this.#directory, manifest);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#lifecycle.whenOpened();
    const wasOpen = this.#lifecycle.state === 'open' || this.#lifecycle.state === 'degraded';
    this.#lifecycle.closing();
    clearTimeout(this.#snapshotTimer);
    this.#epoch?.rest();
    // What was accepted is finished first: the mutex is free only after it.
    await this.#writing.run(async () => {});
    await this.#copies;
    if (wasOpen && this.#epoch?.begun) await this.#leaveClean();
    await this.#release();
    this.#lifecycle.closed();
  }

  async #leaveClean(): Promise<void> {
    const keeper = this.#keeper!;
    const within = this.#closeSeconds;
    const deadline = within === 0 ? undefined : setTimeout(() => keeper.abort(), within * 1000);
    try {
      if (keeper.running) await keeper.take();
      await this.takeSnapshot();
    } finally {
      clearTimeout(deadline);
    }
    await this.#epoch!.close().catch(() => {});
    // Without it the next start takes the last batch for one that may not have been synced, and syncs it again.
    await this.#writeManifest(keeper.snapshots, this.#log.head.position).catch((error: unknown) => {
      this.#logger.warn(`The manifest could not be written at the end: ${String(error)}`);
    });
  }

  async #release(): Promise<void> {
    await this.#held?.close();
    await this.#epoch?.close().catch(() => {});
    await this.#lock?.release();
    this.#lock = undefined;
  }
}
