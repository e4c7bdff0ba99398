import { resolve as absolutePath, join } from 'node:path';
import { digestLog, wholeDigest } from '../../domain/digest.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { DirectoryKind, DirectoryValues } from '../../domain/model/directory.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import { checkBatch } from '../../domain/state/check-batch.ts';
import { LogState } from '../../domain/state/log-state.ts';
import { hitsOf, planSearch } from '../../domain/state/message-search.ts';
import { StoreLifecycle } from '../../domain/state/store-lifecycle.ts';
import type * as Port from '../../domain/store.ts';
import { Mutex } from '../../lib/mutex.ts';
import { importOriginals, isPlain, setOriginalsAside } from './adopt/adoption.ts';
import type { BackupManifest } from './backup/backup-format.ts';
import type { Moment, Place } from './backup/history.ts';
import { writeBackup } from './backup/write-backup.ts';
import { holdDirectory } from './directory-lock.ts';
import type { Disk, DiskLock } from './disk.ts';
import { asOutage, ensureDirectory, isMisplaced, misplaced, reasonOf, renewFile, syncAbove } from './disk-files.ts';
import { DiskWatch } from './disk-watch.ts';
import { EpochStart } from './epoch-start.ts';
import type { EncodedBatch } from './journal-line.ts';
import type { Segment } from './journal-segment.ts';
import { JournalWriter } from './journal-writer.ts';
import { type Logger, SILENT } from './logger.ts';
import { readManifest, STORE_FORMAT, type StoreManifest, writeManifest } from './manifest.ts';
import { MessageShelf } from './message-shelf.ts';
import { NodeDisk } from './node-disk.ts';
import { readStore } from './read-store.ts';
import { restoreReadableCopies, writeReadableCopies } from './readable-copies.ts';
import { RecordFeed } from './record-feed.ts';
import { type Recovered, recover } from './recovery.ts';
import { requireNoRepair } from './repair/unfinished-repair.ts';
import { MessageSearchIndex } from './search/message-search-index.ts';
import { type SnapshotManifest, snapshotsDirectory } from './snapshot-format.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import type { Pinned } from './snapshot-writer.ts';
import { beginCopy, requireNoCopy } from './unfinished-copy.ts';
import { upgradeOlder } from './upgrade.ts';

export interface FileStoreOptions {
  readonly directory: string;
  /** Seconds between snapshots when something changed; 0: only at close. Default 300. */
  readonly snapshotEverySeconds?: number;
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
/** Longest time a close waits for a snapshot. The journal holds everything anyway; the next start takes longer. */
const CLOSE_SNAPSHOT_MILLISECONDS = 5000;
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
  readonly #backedUp: () => number | undefined;
  readonly #past: Moment | Place | undefined;
  readonly #filling: boolean;
  readonly #lifecycle = new StoreLifecycle();
  /** One batch, or one seam between segments, at a time. */
  readonly #writing = new Mutex();
  #state = new LogState();
  #shelf = new MessageShelf();
  #segments: Segment[] = [];
  #head: Port.LogHead = { log: { id: '', rewinds: 0 }, epoch: 0, position: 0, time: 0 };
  #last: readonly LogRecord[] = [];
  #lock: DiskLock | undefined;
  #writer: JournalWriter | undefined;
  #start: EpochStart | undefined;
  /** Why it could not be done at once. */
  #startError: GuichetError | undefined;
  #watch: DiskWatch | undefined;
  #feed: RecordFeed | undefined;
  #search: MessageSearchIndex | undefined;
  #keeper: SnapshotKeeper | undefined;
  #adopting: string | null = null;
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
    if (this.#startError !== undefined) this.#watch!.failed(this.#startError);
    this.#scheduleSnapshot();
    this.#search!.begin();
    return this.#head;
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
    this.#take(found, found.epoch + 1, false);
    this.#adopting = found.adopting;
    await ensureDirectory(disk, join(directory, 'journal'));
    await ensureDirectory(disk, snapshotsDirectory(directory));
    this.#keeper = this.#makeKeeper(found.snapshots);
    await this.#beginEpoch(found);
    if (this.#adopting !== null) await this.#adopt(this.#adopting);
    else {
      // They are read whole: the start does not wait for it, everything that would touch them does.
      this.#copies = restoreReadableCopies({ disk, directory, logger }, found.snapshots);
    }
  }

  async #openReading({ log }: Port.OpenOptions): Promise<void> {
    await requireNoCopy(this.#disk, this.#directory);
    const found = await readStore({ disk: this.#disk, directory: this.#directory, log }, this.#past);
    this.#take(found, found.epoch, true);
  }

  /** Makes what was found in the directory the state of this store. */
  #take(found: Recovered, epoch: number, moving: boolean): void {
    const { log, keeper, position, time, floor, state, shelf, segments } = found;
    this.#state = state;
    this.#shelf = shelf;
    this.#segments = segments;
    this.#head = { log, keeper, epoch, position, time };
    this.#search = new MessageSearchIndex({
      ...{ disk: this.#disk, directory: this.#directory, logger: this.#logger, log, shelf, keep: !moving },
      head: () => this.#head.position,
    });
    this.#feed = new RecordFeed({ disk: this.#disk, logger: this.#logger, segments, state, shelf, moving }, floor);
  }

  /**
   * A new segment; what no sync vouches for goes into it first, for the page cache is no evidence. A disk that is full
   * or fails does not keep what is there from being read: then the store opens degraded.
   */
  async #beginEpoch({ lastSegmentNumber, begunSegment, unproven, snapshots }: Recovered): Promise<void> {
    const { log, keeper, epoch, position } = this.#head;
    const seam = unproven[0]?.after ?? position;
    const writer = new JournalWriter(
      {
        ...{ disk: this.#disk, directory: join(this.#directory, 'journal'), log, keeper: keeper!, epoch },
        ...{
          segments: this.#segments,
          lastNumber: lastSegmentNumber,
          now: this.#now,
          requirePlace: () => this.#requirePlace(),
        },
      },
      seam,
    );
    this.#writer = writer;
    this.#watch = new DiskWatch({
      ...{ disk: this.#disk, directory: join(this.#directory, 'journal'), logger: this.#logger },
      ...{ lifecycle: this.#lifecycle, writing: this.#writing, requirePlace: () => this.#requirePlace() },
      ready: async () => {
        await this.#start!.run();
        return writer.restore(this.#head.position);
      },
    });
    const last = this.#segments.at(-1);
    const isVouchedFor = last === undefined || last.number <= begunSegment || last.after < seam;
    this.#start = new EpochStart(writer, seam, unproven, {
      renew: async () => (isVouchedFor ? undefined : renewFile(this.#disk, last.path)),
      commit: () => this.#writeManifest(snapshots, null),
    });
    try {
      await this.#start.run();
    } catch (error) {
      if (this.#adopting !== null) throw error;
      this.#startError = asOutage(error);
    }
  }

  #makeKeeper(snapshots: readonly SnapshotManifest[]): SnapshotKeeper {
    return new SnapshotKeeper({
      ...{ disk: this.#disk, directory: this.#directory, logger: this.#logger, now: this.#now },
      ...{ shelf: this.#shelf, segments: this.#segments, snapshots, backedUp: this.#backedUp },
      pin: () => this.#writing.run(() => this.#pin()),
      commit: (kept) => this.#writeManifest(kept, null),
    });
  }

  /** Adds what another program's files hold. Cut short, it is done again at the next start: nothing is added twice. */
  async #adopt(originals: string): Promise<void> {
    const { disk, timezone } = { disk: this.#disk, timezone: this.#timezone };
    await importOriginals(
      { disk, directory: join(this.#directory, 'backup', originals), timezone, logger: this.#logger, now: this.#now },
      {
        view: (request) => this.#view(request),
        append: async (batch) => {
          await this.#append(batch);
          if (this.#tailIsLong) await this.#keeper!.take();
        },
        head: () => this.#head,
      },
    );
    if (!(await this.#keeper!.take())) throw new Error(this.#keeper!.error ?? 'the adopted files were not stored');
    await writeReadableCopies(this.#disk, this.#directory, this.#keeper!.snapshots[0]!);
    this.#adopting = null;
    await this.#writeManifest(this.#keeper!.snapshots, null);
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
      position: this.#head.position,
      floor: this.#feed?.floor ?? 0,
      lastError: this.#openError ?? this.#watch?.error ?? this.#keeper?.error ?? null,
      lastSnapshot: newest === undefined ? null : { position: newest.position, at: newest.takenAt },
    };
  }

  async append(batch: Port.Batch): Promise<Port.Commitment> {
    this.#lifecycle.requireOpen();
    if (this.#writer === undefined) throw new GuichetError('fenced', `${this.name} was opened for reading.`);
    await this.#append(batch);
    if (this.#tailIsLong) void this.takeSnapshot();
    return COMMITMENT;
  }

  get #tailIsLong(): boolean {
    const written = this.#keeper!.snapshots[0]?.files['messages.json'].bytes ?? 0;
    return this.#shelf.recentBytes > Math.max(TAIL_MIN_BYTES, written / 2);
  }

  #append(batch: Port.Batch): Promise<void> {
    return this.#writing.run(async () => {
      if (checkBatch(batch, this.#head) === 'again') return this.#requireSame(batch);
      if (batch.records.length === 0 && batch.through === batch.after) return;
      const written = this.#start!.done ? this.#writer!.append(batch) : this.#startAndAppend(batch);
      written.catch(() => {});
      // While the disk works: what the batch leads to is worked out now, and shown when it is durable.
      const show = this.#state.stage(batch.records);
      let encoded: EncodedBatch;
      try {
        encoded = await written;
      } catch (error) {
        this.#watch!.failed(error);
        throw error;
      }
      show();
      this.#show(batch, encoded);
      this.#watch!.works();
    });
  }

  async #startAndAppend(batch: Port.Batch): Promise<EncodedBatch> {
    await this.#start!.run().catch((error: unknown) => Promise.reject(asOutage(error)));
    return this.#writer!.append(batch);
  }

  #show(batch: Port.Batch, { bytes, spans }: EncodedBatch): void {
    batch.records.forEach((record, i) => {
      if (!record.is('message')) return;
      this.#shelf.put(record, { bytes, start: spans[2 * i]!, end: spans[2 * i + 1]! });
      this.#search!.posted(record);
    });
    const time = Math.max(this.#head.time, batch.records.at(-1)?.time ?? 0);
    this.#head = { ...this.#head, position: batch.through, time };
    if (batch.records.length > 0) this.#last = batch.records;
    // A compacted page has no history of its own: what is older than its end is answered from state.
    if (batch.compacted) this.#feed!.raiseFloor(batch.through);
  }

  async #requireSame(batch: Port.Batch): Promise<void> {
    const { after, records } = batch;
    // A batch below the floor can only be the last one: nothing older is ever sent again in one epoch.
    const feed = this.#feed!;
    const held = after < feed.floor ? this.#last : (await feed.since(after, records.length, this.#head)).records;
    if (held.length !== records.length || !held.every((record, i) => isSame(record, records[i]!)))
      throw new GuichetError('fenced');
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    this.#lifecycle.requireOpen();
    return this.#view(request);
  }

  async #view(request: Port.ViewRequest): Promise<Port.View> {
    const view = { head: this.#head, ...this.#state.view(request) };
    return { ...view, messages: await this.#shelf.byIds(request.messages) };
  }

  async recordsSince(position: number, limit: number, filter: Port.RecordFilter = {}): Promise<Port.RecordPage> {
    this.#lifecycle.requireOpen();
    if (filter.userId !== undefined) return this.#feed!.visible(filter.userId, position, limit, this.#head);
    return this.#feed!.since(position, limit, this.#head);
  }

  async conversation(id: string): ReturnType<Port.Store['conversation']> {
    this.#lifecycle.requireOpen();
    return this.#state.head(id);
  }

  async conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    this.#lifecycle.requireOpen();
    return this.#state.conversations.page(query);
  }

  async messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    this.#lifecycle.requireOpen();
    return this.#shelf.page(conversationId, range);
  }

  async countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    this.#lifecycle.requireOpen();
    return requests.map((request) => this.#shelf.count(request));
  }

  async search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    this.#lifecycle.requireOpen();
    const plan = planSearch(query);
    return hitsOf(await this.#search!.search(plan), plan.limit);
  }

  async entry<K extends DirectoryKind>(kind: K, id: string): Promise<DirectoryValues[K] | undefined> {
    this.#lifecycle.requireOpen();
    return this.#state.directory.get(kind, id);
  }

  async entries<K extends DirectoryKind>(
    kind: K,
    page?: { after?: string; limit?: number },
  ): Promise<DirectoryValues[K][]> {
    this.#lifecycle.requireOpen();
    return this.#state.directory.list(kind, page);
  }

  async agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    this.#lifecycle.requireOpen();
    return this.#state.directory.agentByEmail(email);
  }

  /** Writes a snapshot now, or waits for the one being written. False when there was nothing to write, or it failed. */
  async takeSnapshot(forgetting = false): Promise<boolean> {
    const keeper = this.#keeper;
    const { position } = this.#head;
    if (keeper === undefined || !this.#start?.done || position === 0 || keeper.snapshots[0]?.position === position)
      return false;
    await this.#copies;
    return keeper.take(forgetting);
  }

  async #pin(): Promise<Pinned | undefined> {
    // While an empty keeper is being filled, messages may be there before those in front of them.
    if (!this.#shelf.whole || !this.#state.whole) return undefined;
    await this.#requirePlace();
    const { position } = this.#head;
    await this.#writer!.rotate(position);
    return this.#pinned();
  }

  /** References to all that is there now; messages go to a layer above it until the shelf is told otherwise. */
  #pinned(): Pinned {
    const { log, epoch, position, time } = this.#head;
    return {
      ...{ log, epoch, position, time, floor: this.#feed!.floor },
      heads: [...this.#state.conversations.heads.values()],
      entries: [...this.#state.directory.records()],
      generation: this.#shelf.generation,
      ...this.#shelf.freeze(),
    };
  }

  /**
   * Writes a backup of what a store that was opened for reading shows, with the journal behind it (BK-5).
   * @param to becomes the backup: empty, or not there yet
   * @param add adds what else belongs to it
   * @throws StoreProblem when the directory is not empty, or the backup was not read back as what it was made of
   */
  async backUp(to: string, add: (path: string) => Promise<void> = async () => {}): Promise<BackupManifest> {
    this.#lifecycle.requireOpen();
    if (!this.#shelf.whole || !this.#state.whole)
      throw new GuichetError('unavailable', `${this.name} is being filled.`);
    const digest = wholeDigest(await digestLog(this));
    const reopen = (directory: string) => new FileStore({ disk: this.#disk, directory, logger: this.#logger });
    try {
      return await writeBackup({
        ...{ disk: this.#disk, to, digest, add, now: this.#now, pinned: this.#pinned(), segments: this.#segments },
        reopen,
      });
    } catch (error) {
      throw asOutage(error);
    } finally {
      this.#shelf.thaw();
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
    const manifest: StoreManifest = {
      ...{ format: STORE_FORMAT, log: this.#head.log, keeper: this.#head.keeper!, epoch: this.#head.epoch },
      segment: this.#writer!.currentSegment,
      snapshots: snapshots.map(({ position }) => position),
      ...{ cleanPosition, adopting: this.#adopting },
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
    this.#watch?.stop();
    // What was accepted is finished first: the mutex is free only after it.
    await this.#writing.run(async () => {});
    await this.#copies;
    if (wasOpen && this.#start?.done) await this.#leaveClean();
    await this.#release();
    this.#lifecycle.closed();
  }

  async #leaveClean(): Promise<void> {
    const keeper = this.#keeper!;
    const deadline = setTimeout(() => keeper.abort(), CLOSE_SNAPSHOT_MILLISECONDS);
    try {
      if (keeper.running) await keeper.take();
      await this.takeSnapshot();
    } finally {
      clearTimeout(deadline);
    }
    await this.#writer!.close().catch(() => {});
    // Without it the next start takes the last batch for one that may not have been synced, and syncs it again.
    await this.#writeManifest(keeper.snapshots, this.#head.position).catch((error: unknown) => {
      this.#logger.warn(`The manifest could not be written at the end: ${String(error)}`);
    });
  }

  async #release(): Promise<void> {
    await this.#search?.close();
    await this.#writer?.close().catch(() => {});
    this.#shelf.close();
    await this.#lock?.release();
    this.#lock = undefined;
  }
}

const isSame = (a: LogRecord, b: LogRecord): boolean =>
  a.position === b.position && a.kind === b.kind && a.json === b.json;
