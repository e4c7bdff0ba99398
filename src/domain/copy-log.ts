import { TimeSlice } from '../lib/time-slice.ts';
import { conversationsOf, digestConversation, digestEntries, type WholeReads } from './digest.ts';
import { agrees, fill } from './fill.ts';
import { DIRECTORY_KINDS } from './model/directory.ts';
import type { LogIdentity } from './model/log-identity.ts';
import type { Batch, LogHead, Reads, Store, ViewRequest } from './store.ts';
import { StoreProblem } from './store-problem.ts';

/** How far a copy is: `copying` counts records, `comparing` conversations. */
export type OnCopied = (stage: 'copying' | 'comparing', done: number, of: number) => void;

export interface CopyOptions {
  /** What the copy keeps: the log of the source, or a rewound one. */
  readonly log: LogIdentity;
  readonly onProgress?: OnCopied;
}

export interface CopyReport {
  readonly position: number;
  /** Records that were not there yet. */
  readonly added: number;
  readonly conversations: number;
  readonly messages: number;
  readonly entries: number;
}

/** A source that goes on while it is copied is caught up with, at most so often for each thing that moved. */
const ROUNDS = 20;

/**
 * Fills an open store from another and compares the two, conversation by conversation. Where the target stands is
 * where it goes on, so it may be killed at any moment and called again. The source may go on meanwhile.
 * @param opened head of the target at its opening
 * @throws StoreProblem when the target holds something else than the beginning of the source, or differs at the end
 */
export const copyLog = async (
  source: WholeReads,
  target: Store,
  opened: LogHead,
  { log, onProgress = () => {} }: CopyOptions,
): Promise<CopyReport> => {
  const keeper = new Keeper(target, opened);
  const end = await positionOf(source);
  const held = (after: number, limit: number) => target.recordsSince(after, limit);
  if (keeper.position > end || (keeper.position > 0 && !(await agrees(keeper.position, held, source)))) {
    throw new StoreProblem({ code: 'target_holds_other', store: target.name });
  }
  keeper.onAppend = () => onProgress('copying', keeper.position, Math.max(end, keeper.position));
  const bringLevel = async (): Promise<void> => fill(keeper, source, log, await positionOf(source));
  await bringLevel();
  const compared = await new Comparison(source, target, bringLevel, onProgress).run();
  return { position: keeper.position, added: keeper.position - opened.position, ...compared };
};

class Keeper {
  readonly #store: Store;
  readonly #epoch: number;
  position: number;
  onAppend = (): void => {};

  constructor(store: Store, { epoch, position }: LogHead) {
    this.#store = store;
    this.#epoch = epoch;
    this.position = position;
  }

  async append(batch: Omit<Batch, 'epoch'>): Promise<void> {
    await this.#store.append({ ...batch, epoch: this.#epoch });
    this.position = batch.through;
    this.onAppend();
  }
}

/** Whether two stores hold the same, though the one that is copied may go on. */
class Comparison {
  readonly #source: WholeReads;
  readonly #target: Store;
  readonly #bringLevel: () => Promise<void>;
  readonly #onProgress: OnCopied;
  readonly #slice = new TimeSlice();

  constructor(source: WholeReads, target: Store, bringLevel: () => Promise<void>, onProgress: OnCopied) {
    this.#source = source;
    this.#target = target;
    this.#bringLevel = bringLevel;
    this.#onProgress = onProgress;
  }

  async run(): Promise<Pick<CopyReport, 'conversations' | 'messages' | 'entries'>> {
    // From both sides: what only one of them lists is found.
    const ids = new Set<string>();
    for (const side of [this.#source, this.#target]) {
      for await (const { conversation } of conversationsOf(side)) ids.add(conversation.id);
    }
    let messages = 0;
    let done = 0;
    for (const id of ids) {
      messages += await this.#settle(`conversation ${JSON.stringify(id)}`, (side) => this.#conversation(side, id));
      done += 1;
      this.#onProgress('comparing', done, ids.size);
    }
    let entries = 0;
    for (const kind of DIRECTORY_KINDS) {
      entries += await this.#settle(`the entries of kind ${kind}`, async (side) => {
        const found = await digestEntries(side, kind, this.#slice);
        return { digest: found.digest, count: found.entries };
      });
    }
    return { conversations: ids.size, messages, entries };
  }

  async #conversation(side: WholeReads, id: string): Promise<{ digest: string; count: number }> {
    const head = await side.conversation(id);
    if (head === undefined) return { digest: 'not there', count: 0 };
    const { digest, messages } = await digestConversation(side, head, this.#slice);
    return { digest, count: messages };
  }

  /** Looks until both sides agree. Only what changed since it was copied may differ, and that is then copied. */
  async #settle(what: string, look: (side: WholeReads) => Promise<{ digest: string; count: number }>): Promise<number> {
    for (let round = 1; ; round += 1) {
      const before = await positionOf(this.#source);
      const theirs = await look(this.#source);
      const ours = await look(this.#target);
      if (theirs.digest === ours.digest) return ours.count;
      const stoodStill = before === (await positionOf(this.#target)) && before === (await positionOf(this.#source));
      if (stoodStill || round === ROUNDS)
        throw new StoreProblem({ code: 'copy_differs', store: this.#target.name, what });
      await this.#bringLevel();
    }
  }
}

const NOTHING: ViewRequest = { conversations: [], messages: [], entries: [], agentEmails: [] };

/** The head of a store. */
export const headOf = async (reads: Pick<Reads, 'view'>): Promise<LogHead> => (await reads.view(NOTHING)).head;

const positionOf = async (reads: Pick<Reads, 'view'>): Promise<number> => (await headOf(reads)).position;
