import type { Change, Done, Outcome } from '../../domain/change.ts';
import { asGuichetError } from '../../domain/errors.ts';
import { GroupCommit } from '../../domain/group-commit.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { Batch, LogHead, Store } from '../../domain/store.ts';
import { agent, agentEntry, contactEntry, put, visitor } from '../../domain/testing/changes.ts';

/** People who are in the log of most tests of the suite: see {@link Writer.people}. */
export const ANNA = visitor('anna');
export const BRUNO = visitor('bruno');
export const CLAIRE = agent('claire');
export const DENIS = agent('denis');

/** Writes through the real queue and the real numbering, with a clock of its own. */
export class Writer {
  readonly store: Store;
  readonly opened: LogHead;
  /** Everything it wrote, in order. */
  readonly records: LogRecord[] = [];
  /** Epoch ms of the next batch. */
  clock = Date.UTC(2025, 0, 6, 8);
  /** What the clock moves on by before each batch. */
  step = 1000;
  readonly #queue: GroupCommit;

  constructor(store: Store, opened: LogHead) {
    this.store = store;
    this.opened = opened;
    this.#queue = new GroupCommit(store, opened, {
      now: () => this.clock,
      onCommitted: ({ records }) => this.records.push(...records),
    });
  }

  /** Head of the log as far as this writer wrote it. */
  get position(): number {
    return this.records.at(-1)?.position ?? this.opened.position;
  }

  /** Submits changes as one batch and says what became of each. */
  async attempt(...changes: Change[]): Promise<Outcome[]> {
    this.clock += this.step;
    const settled = changes.map((change) =>
      this.#queue.commit(change).then(
        ({ done }): Outcome => done,
        (error: unknown): Outcome => ({ ok: false, error: asGuichetError(error) }),
      ),
    );
    return Promise.all(settled);
  }

  /** Submits changes as one batch, all of which must succeed. */
  async submit(...changes: Change[]): Promise<Done[]> {
    const outcomes = await this.attempt(...changes);
    return outcomes.map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome;
    });
  }

  /** Two visitors and two agents. */
  async people(): Promise<void> {
    await this.submit(
      put(
        contactEntry('anna', { name: 'Anna Brûlé', email: 'anna@example.org' }),
        contactEntry('bruno'),
        agentEntry('claire', { email: 'claire@example.org', name: 'Claire' }),
        agentEntry('denis', { email: 'denis@example.org', name: 'Denis' }),
      ),
    );
  }

  /** A batch of records as they stand, behind everything this writer wrote. Made to be altered. */
  batch(records: readonly LogRecord[], more: Partial<Batch> = {}): Batch {
    const after = (records[0]?.position ?? this.position + 1) - 1;
    const { log, epoch } = this.opened;
    return { log, epoch, after, through: after + records.length, records, ...more };
  }
}
