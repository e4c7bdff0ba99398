import { GuichetError } from '../../domain/errors.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { LogState } from '../../domain/state/log-state.ts';
import type * as Port from '../../domain/store.ts';
import type { Disk } from './disk.ts';
import type { EncodedBatch } from './journal-line.ts';
import type { Segment } from './journal-segment.ts';
import type { Logger } from './logger.ts';
import type { MessageShelf } from './message-shelf.ts';
import { RecordFeed } from './record-feed.ts';
import type { Recovered } from './recovery.ts';
import { MessageSearchIndex } from './search/message-search-index.ts';
import type { Pinned } from './snapshot-writer.ts';

export interface HeldLogOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  /** Of this opening: above every one that was found, unless somebody else writes. */
  readonly epoch: number;
  /** Somebody else writes to the directory. */
  readonly moving: boolean;
}

/** What a file store holds in memory of its log, and shows: the head, the state at it, where its messages are. */
export class HeldLog {
  readonly state: LogState;
  readonly shelf: MessageShelf;
  /** Of the journal, oldest first. */
  readonly segments: Segment[];
  readonly search: MessageSearchIndex;
  readonly #feed: RecordFeed;
  #head: Port.LogHead;
  #last: readonly LogRecord[] = [];

  constructor(found: Recovered, { disk, directory, logger, epoch, moving }: HeldLogOptions) {
    const { log, keeper, position, time, floor, state, shelf, segments } = found;
    this.state = state;
    this.shelf = shelf;
    this.segments = segments;
    this.#head = { log, keeper, epoch, position, time };
    this.#feed = new RecordFeed({ disk, logger, segments, state, shelf, moving }, floor);
    this.search = new MessageSearchIndex({
      ...{ disk, directory, logger, log, shelf, keep: !moving },
      head: () => this.#head.position,
    });
  }

  get head(): Port.LogHead {
    return this.#head;
  }

  get floor(): number {
    return this.#feed.floor;
  }

  /** Not while an empty keeper is being filled: messages may be there before those in front of them. */
  get whole(): boolean {
    return this.shelf.whole && this.state.whole;
  }

  /** Works out what a batch leads to. What it returns shows it, and is called when the batch is durable. */
  stage(batch: Port.Batch): (encoded: EncodedBatch) => void {
    const show = this.state.stage(batch.records);
    return (encoded) => {
      show();
      this.#show(batch, encoded);
    };
  }

  #show(batch: Port.Batch, { bytes, spans }: EncodedBatch): void {
    batch.records.forEach((record, i) => {
      if (!record.is('message')) return;
      this.shelf.put(record, { bytes, start: spans[2 * i]!, end: spans[2 * i + 1]! });
      this.search.posted(record);
    });
    const time = Math.max(this.#head.time, batch.records.at(-1)?.time ?? 0);
    this.#head = { ...this.#head, position: batch.through, time };
    if (batch.records.length > 0) this.#last = batch.records;
    // A compacted page has no history of its own: what is older than its end is answered from state.
    if (batch.compacted) this.#feed.raiseFloor(batch.through);
  }

  /** @throws GuichetError `fenced` when the positions of a batch that comes again hold something else */
  async requireSame({ after, records }: Port.Batch): Promise<void> {
    // A batch below the floor can only be the last one: nothing older is ever sent again in one epoch.
    const held = after < this.floor ? this.#last : (await this.since(after, records.length)).records;
    if (held.length !== records.length || !held.every((record, i) => isSame(record, records[i]!)))
      throw new GuichetError('fenced');
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    const view = { head: this.#head, ...this.state.view(request) };
    return { ...view, messages: await this.shelf.byIds(request.messages) };
  }

  /** @param userId only what this contact may see */
  since(position: number, limit: number, userId?: string): Promise<Port.RecordPage> {
    return userId === undefined
      ? this.#feed.since(position, limit, this.#head)
      : this.#feed.visible(userId, position, limit, this.#head);
  }

  /** References to all that is there now; messages go to a layer above it until the shelf is told otherwise. */
  pinned(): Pinned {
    const { log, epoch, position, time } = this.#head;
    return {
      ...{ log, epoch, position, time, floor: this.floor },
      heads: [...this.state.conversations.heads.values()],
      entries: [...this.state.directory.records()],
      generation: this.shelf.generation,
      ...this.shelf.freeze(),
    };
  }

  async close(): Promise<void> {
    await this.search.close();
    this.shelf.close();
  }
}

const isSame = (a: LogRecord, b: LogRecord): boolean =>
  a.position === b.position && a.kind === b.kind && a.json === b.json;
