import type { LogState } from '../../domain/state/log-state.ts';
import type { LogHead, RecordPage } from '../../domain/store.ts';
import { readCompacted, readVisible } from './compacted-reading.ts';
import type { Disk } from './disk.ts';
import { asOutage } from './disk-files.ts';
import { HistoryDamage, readHistory } from './journal-history.ts';
import type { Segment } from './journal-segment.ts';
import type { Logger } from './logger.ts';
import type { MessageShelf } from './message-shelf.ts';

export interface RecordFeedOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  /** Of the journal, oldest first; a snapshot takes the oldest away. */
  readonly segments: readonly Segment[];
  readonly state: LogState;
  readonly shelf: MessageShelf;
  /** Somebody else writes to the directory, and may take segments away at any time. */
  readonly moving?: boolean;
}

/** Answers cursors: from the journal record by record above the floor, below it from the state. */
export class RecordFeed {
  readonly #options: RecordFeedOptions;
  #floor: number;

  /** @param floor positions at or below it are not in the journal one by one, although its segments reach further */
  constructor(options: RecordFeedOptions, floor: number) {
    this.#options = options;
    this.#floor = floor;
  }

  get floor(): number {
    return Math.max(this.#floor, this.#options.segments[0]?.after ?? 0);
  }

  /** What lies at or below this position is answered from the state from now on. */
  raiseFloor(position: number): void {
    this.#floor = Math.max(this.#floor, position);
  }

  async since(position: number, limit: number, head: LogHead): Promise<RecordPage> {
    const { disk, segments, state, shelf } = this.#options;
    if (position >= head.position) return { records: [], through: head.position, more: false, compacted: false };
    if (position >= this.floor) {
      try {
        const records = await readHistory(disk, segments, position, limit, head.position);
        const through = records.length === limit ? records.at(-1)!.position : head.position;
        return { records, through, more: through < head.position, compacted: false };
      } catch (error) {
        this.#loseHistory(error, position, head.position);
      }
    }
    return readCompacted(state, shelf, position, limit, head);
  }

  /** Only what a contact may see. */
  visible(userId: string, position: number, limit: number, head: LogHead): Promise<RecordPage> {
    return readVisible(this.#options.state, this.#options.shelf, userId, position, limit, head);
  }

  /** The journal lost its older segments to a snapshot while they were read, or to damage: the state has it all. */
  #loseHistory(error: unknown, position: number, head: number): void {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (gone && this.#options.moving) this.raiseFloor(head);
    else if (error instanceof HistoryDamage) {
      this.raiseFloor(error.until);
      const { logger } = this.#options;
      logger.warn(`${error.message} Older changes are answered from the state; nothing is missing there.`);
    } else if (!gone || position >= this.floor) throw asOutage(error);
  }
}
