import { conversationsOf, messagesOf } from '../../../domain/digest.ts';
import { GuichetError } from '../../../domain/errors.ts';
import { fill } from '../../../domain/fill.ts';
import type { Conversation } from '../../../domain/model/conversation.ts';
import { isPublic, type Message } from '../../../domain/model/message.ts';
import { type LogRecord, makeRecord } from '../../../domain/model/record.ts';
import type { Batch, Store } from '../../../domain/store.ts';
import type { History } from '../backup/history.ts';
import type { Disk } from '../disk.ts';
import { FileStore } from '../file-store.ts';

/** What could be brought together, and what could not. */
export interface Salvaged {
  /** Up to where everything is there, from which place. */
  readonly base: { readonly position: number; readonly from: string };
  /** Highest position that anything knows of. */
  readonly head: number;
  /** Changes between the base and the head that are found nowhere. */
  readonly lost: number;
  /** Messages that were in their place once, each of which a sentence stands for now. */
  readonly placeholders: number;
}

export interface SalvageInput {
  readonly disk: Disk;
  readonly directory: string;
  readonly history: History;
  /** Highest position that the manifest proves, whatever can be read. */
  readonly proven: number;
  /** Other stores of the same log, open for reading. */
  readonly donors: readonly Store[];
  /** An empty open store in memory, of the log as it is called now. */
  readonly into: Store;
  readonly log: Batch['log'];
}

/** Stands where a message was. Both languages, because it is part of the conversation and not of anybody's screen. */
export const LOST_TEXT =
  'This message was lost and could not be recovered. · Ce message est perdu et n’a pas pu être récupéré.';

/**
 * Brings together what is left of a log: the furthest state that is whole, then every later change that can still be
 * read. Where messages are missing in between, a sentence takes the place of each, so that every number stays as it was.
 */
export const salvage = async (input: SalvageInput): Promise<Salvaged> => {
  const { history, donors, into, log } = input;
  const { source, position: base, from } = await furthest(input);
  let at = 0;
  const append = async (batch: Omit<Batch, 'epoch' | 'log' | 'after'>): Promise<void> => {
    await into.append({ ...batch, log, epoch: 1, after: at });
    at = batch.through;
  };
  const keeper = {
    get position() {
      return at;
    },
    append: ({ records, through, compacted }: Omit<Batch, 'epoch'>) =>
      append({ records, through, ...(compacted && { compacted }) }),
  };
  try {
    await fill(keeper, source, log, base);
  } finally {
    if (!donors.includes(source)) await source.close();
  }
  let lost = 0;
  const begun = new Map<string, LogRecord<'message'> | undefined>();
  for await (const batch of history.batchesBehind(base)) {
    const records = batch.records.filter((record) => record.position > at);
    if (records.length === 0 && batch.through <= at) continue;
    lost += Math.max(0, batch.after - at);
    for (const record of records) noteConversation(record, begun);
    await append({ records, through: batch.through, compacted: true });
  }
  const head = Math.max(at, input.proven, ...donors.map((donor) => donor.health().position));
  lost += head - at;
  const marks = lost === 0 ? [] : await placeholders(into, begun, head);
  if (marks.length > 0 || head > at) await append({ records: marks, through: head + marks.length, compacted: true });
  return {
    base: { position: base, from },
    head,
    lost,
    placeholders: marks.filter((mark) => mark.is('message')).length,
  };
};

/** The furthest state that is whole: of another store, or of a base with the journal behind it. */
const furthest = async ({ disk, directory, history, donors }: SalvageInput) => {
  const best = donors.toSorted((a, b) => b.health().position - a.health().position)[0];
  for (const { to } of history.reach.toSorted((a, b) => b.to - a.to)) {
    if (best !== undefined && best.health().position >= to) break;
    const source = new FileStore({ directory, disk, past: history.moment(to) });
    try {
      await source.open({ reading: true });
      return { source, position: to, from: directory };
    } catch (error) {
      await source.close();
      if (!(error instanceof GuichetError)) throw error;
    }
  }
  if (best !== undefined) return { source: best, position: best.health().position, from: best.name };
  const empty = new FileStore({ directory, disk, past: history.moment(0) });
  await empty.open({ reading: true });
  return { source: empty, position: 0, from: directory };
};

/** Remembers conversations whose own record may be among what is lost, with a message that says whose they are. */
const noteConversation = (record: LogRecord, begun: Map<string, LogRecord<'message'> | undefined>): void => {
  if (!record.is('message')) return;
  const { conversationId, senderType } = record.value;
  if (senderType === 'USER' || !begun.has(conversationId)) begun.set(conversationId, record);
};

/** Records that close the gaps, numbered behind the head. */
const placeholders = async (
  store: Store,
  begun: ReadonlyMap<string, LogRecord<'message'> | undefined>,
  head: number,
): Promise<LogRecord[]> => {
  const { time } = (await store.view({ conversations: [], messages: [], entries: [], agentEmails: [] })).head;
  const marks: LogRecord[] = [];
  const add = <K extends 'conversation' | 'message' | 'contact'>(kind: K, value: never): void => {
    marks.push(makeRecord(head + marks.length + 1, time, kind, value));
  };
  const threads: string[] = [];
  for await (const { conversation } of conversationsOf(store)) threads.push(conversation.id);
  for (const [id, record] of begun) {
    if (record === undefined || (await store.conversation(id)) !== undefined) continue;
    const { senderId, senderType, createdAt } = record.value;
    const userId = senderType === 'USER' ? senderId : `lost-${id}`.slice(0, 50);
    if ((await store.entry('contact', userId)) === undefined) {
      add('contact', { id: userId, name: null, email: null, locale: null, createdAt } as never);
    }
    const position = head + marks.length + 1;
    const conversation: Conversation = {
      ...{ id, subject: null, status: 'ACTIVE', userId, agentId: null, labels: [], snoozedUntil: null },
      ...{ createdAt, changedAt: createdAt, publicAt: createdAt, publicPosition: position },
    };
    add('conversation', conversation as never);
    threads.push(id);
  }
  for (const id of threads) {
    for (const mark of await gapsOf(store, id)) add('message', mark as never);
  }
  return marks;
};

/** What stands for the messages of a conversation that are missing in front of ones that are there. */
const gapsOf = async (store: Store, conversationId: string): Promise<Message[]> => {
  const found: Message[] = [];
  let [seq, publicSeq] = [0, 0];
  for await (const { value } of messagesOf(store, conversationId)) {
    const missing = value.seq - seq - 1;
    let shown = value.publicSeq - publicSeq - (isPublic(value) ? 1 : 0);
    for (let i = 1; i <= missing; i += 1) {
      const isShown = shown > 0;
      if (isShown) {
        shown -= 1;
        publicSeq += 1;
      }
      found.push({
        ...{ id: `lost.${conversationId}.${seq + i}`, conversationId, seq: seq + i, publicSeq },
        ...{ kind: isShown ? 'message' : 'note', senderId: 'system', senderType: 'SYSTEM' },
        ...{ content: LOST_TEXT, createdAt: value.createdAt },
      });
    }
    [seq, publicSeq] = [value.seq, value.publicSeq];
  }
  return found;
};
