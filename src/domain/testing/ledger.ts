import assert from 'node:assert/strict';
import type { Change, Done, Outcome } from '../change.ts';
import type { ErrorCode } from '../errors.ts';
import type { ConversationHead } from '../model/conversation.ts';
import type { Message } from '../model/message.ts';
import type { LogRecord } from '../model/record.ts';
import { type Resolution, resolve, viewRequestOf } from '../resolve.ts';
import { LogState } from '../state/log-state.ts';
import type { View } from '../store.ts';
import { admin, agent, agentEntry, contactEntry, put, visitor } from './changes.ts';

export const ANNA = visitor('anna');
export const BRUNO = visitor('bruno');
export const CLAIRE = agent('claire');
export const ROOT = admin('root');
export const START = Date.UTC(2025, 0, 6, 8);

/** A log without a store: what resolve is tried on. Views hold exactly what resolve said it would look at. */
export class Ledger {
  readonly records: LogRecord[] = [];
  /** Epoch ms of the next batch. */
  clock = START;
  /** Of the batch written last. */
  released: ReadonlySet<string> = new Set();
  readonly #state = new LogState();
  readonly #messages = new Map<string, LogRecord<'message'>>();

  constructor() {
    this.write(
      put(
        contactEntry('anna'),
        contactEntry('bruno'),
        agentEntry('claire', { email: 'claire@example.org' }),
        agentEntry('denis', { email: 'denis@example.org' }),
        agentEntry('gone', { active: false }),
      ),
    );
  }

  get position(): number {
    return this.records.length;
  }

  view(changes: readonly Change[]): View {
    const request = viewRequestOf(changes);
    const known = request.messages.flatMap((id) => this.#messages.get(id) ?? []);
    const { position } = this;
    return {
      head: { log: { id: 'log', rewinds: 0 }, epoch: 1, position, time: this.records.at(-1)?.time ?? 0 },
      messages: new Map(known.map((record) => [record.value.id, record])),
      ...this.#state.view(request),
    };
  }

  /** What would become of changes, without writing anything. */
  resolve(...changes: Change[]): Resolution {
    return resolve(changes, this.view(changes), this.clock);
  }

  /** Writes changes as one batch and says what became of each. */
  attempt(...changes: Change[]): readonly Outcome[] {
    const { records, outcomes, released } = this.resolve(...changes);
    this.released = released;
    for (const record of records) {
      this.records.push(record);
      this.#state.apply(record);
      if (record.is('message')) this.#messages.set(record.value.id, record);
    }
    return outcomes;
  }

  /** Writes changes as one batch, all of which must succeed. */
  write(...changes: Change[]): readonly Done[] {
    return this.attempt(...changes).map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome;
    });
  }

  /** Asserts that a change is refused with a code, and leaves nothing behind. */
  refuses(code: ErrorCode, change: Change): void {
    const before = this.position;
    const [outcome] = this.attempt(change);
    assert.equal(outcome!.ok ? 'done' : outcome!.error.code, code, JSON.stringify(change));
    assert.equal(this.position, before);
  }

  /** Asserts that a change adds nothing, and answers its outcome. */
  repeats(change: Change): Done {
    const before = this.position;
    const [done] = this.write(change);
    assert.deepEqual({ repeated: done!.repeated, added: done!.added }, { repeated: true, added: 0 });
    assert.equal(this.position, before);
    return done!;
  }

  head(id: string): ConversationHead {
    return this.#state.head(id)!;
  }

  message(id: string): Message {
    return this.#messages.get(id)!.value;
  }

  /** Messages of a conversation, each as it is now, in order of seq. */
  thread(id: string): Message[] {
    return [...this.#messages.values()]
      .map((record) => record.value)
      .filter((message) => message.conversationId === id)
      .sort((a, b) => a.seq - b.seq);
  }

  agentIdByEmail(email: string): string | undefined {
    return this.#state.directory.agentByEmail(email)?.id;
  }

  entry: LogState['directory']['get'] = (kind, id) => this.#state.directory.get(kind, id);

  /** Kinds of the records behind a position. */
  kindsSince(position: number): string[] {
    return this.records.slice(position).map((record) => record.kind);
  }
}
