import assert from 'node:assert/strict';
import type { LogRecord } from '../../../domain/model/record.ts';
import type { Batch, Store } from '../../../domain/store.ts';
import { answers, face, feed, list, thread } from '../../contract/answers.ts';
import { Writer } from '../../contract/writer.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/**
 * What is known of a log outside its store: what was asked of it and what was answered. The oracle of the tests that
 * take the power away.
 */
export class Known {
  /** Everything that was given to an append, whatever came of it. */
  readonly attempts: Batch[] = [];
  /** Records that were acknowledged, or shown by a start, in order. */
  readonly promised: LogRecord[] = [];
  /** Ids of messages that must be there although no append of ours brought them. */
  readonly messageIds: string[] = [];
  /** What else has to be so from then on, whatever the power left: told the disk that the next process finds. */
  readonly checks: ((disk: SimulatedDisk) => Promise<void>)[] = [];
  /** Whether the data directory is to open whatever happened. */
  isStore = true;

  /** Tells what is known from what was known before. */
  get promises(): string {
    return [this.attempts, this.promised, this.messageIds, this.checks].map(({ length }) => length).join();
  }

  /** What is known now, unmoved by what comes later. */
  now(): Known {
    const known = new Known();
    known.attempts.push(...this.attempts);
    known.promised.push(...this.promised);
    known.messageIds.push(...this.messageIds);
    known.checks.push(...this.checks);
    known.isStore = this.isStore;
    return known;
  }

  /** Notes everything that goes to this store and what it answers. */
  listenTo(store: Store): void {
    const append = store.append.bind(store);
    store.append = async (batch) => {
      this.attempts.push(batch);
      const commitment = await append(batch);
      if (batch.through > (this.promised.at(-1)?.position ?? 0)) this.promised.push(...batch.records);
      return commitment;
    };
  }

  /** A writer whose store is listened to. */
  async writerOn(store: Store): Promise<Writer> {
    this.listenTo(store);
    return new Writer(store, await store.open());
  }

  /**
   * Asserts that an open store holds all that was promised, once, and nothing but what was asked of it, batch by batch;
   * what it shows is promised from then on.
   * @returns all it answers
   */
  async holdsIn(store: Store): Promise<unknown> {
    const { floor, position } = store.health();
    const last = this.promised.at(-1)?.position ?? 0;
    assert.ok(position >= last, `the head ${position} is behind record ${last}, which was acknowledged`);
    const records = await feed(store, floor, 100);
    const found = new Map(records.map((record) => [record.position, record]));
    for (const record of this.promised) {
      if (record.position > floor) assert.deepEqual(faceOf(found.get(record.position)), face(record));
    }
    if (this.messageIds.length === 0) this.#assertWholeBatches(floor, position, found);
    await this.#assertMessages(store);
    for (const record of records) if (record.position > last) this.promised.push(record);
    return answers(store);
  }

  #assertWholeBatches(floor: number, head: number, found: ReadonlyMap<number, LogRecord>): void {
    for (let at = floor; at < head; ) {
      const batch = this.attempts.find(
        ({ after, through, records }) =>
          after === at &&
          through > at &&
          through <= head &&
          records.every((record) => isSame(found.get(record.position), record)),
      );
      assert.ok(batch, `what stands behind record ${at} is no whole batch that was ever written`);
      at = batch.through;
    }
  }

  async #assertMessages(store: Store): Promise<void> {
    const ids = this.promised.flatMap((record) => (record.is('message') ? record.value.id : []));
    const messages = [...ids, ...this.messageIds];
    const view = await store.view({ conversations: [], messages, entries: [], agentEmails: [] });
    for (const id of messages) assert.ok(view.messages.has(id), `message ${id} is gone`);
    for (const { conversation } of await list(store)) {
      const seqs = (await thread(store, conversation.id)).map(({ value }) => value.seq);
      assert.deepEqual(
        seqs,
        seqs.map((_, i) => i + 1),
        conversation.id,
      );
    }
  }
}

const faceOf = (record: LogRecord | undefined): unknown => record && face(record);

const isSame = (a: LogRecord | undefined, b: LogRecord): boolean => a?.kind === b.kind && a.json === b.json;
