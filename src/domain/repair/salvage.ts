import { conversationsOf, messagesOf } from '../digest.ts';
import { GuichetError } from '../errors.ts';
import { fill } from '../fill.ts';
import type { Conversation } from '../model/conversation.ts';
import { isPublic, type Message } from '../model/message.ts';
import { type LogRecord, makeRecord } from '../model/record.ts';
import type { Batch, Store } from '../store.ts';
import { StoreProblem } from '../store-problem.ts';
import { verifyReads } from '../verify-reads.ts';
import type { Counted, Remains } from './remains.ts';

/** What could be brought together, and what could not. */
export interface Salvaged {
  /** Up to where everything is there, from which place. */
  readonly base: { readonly position: number; readonly from: string };
  /** Highest position that anything knows of. */
  readonly head: number;
  /** Changes that are found nowhere, as far as that can be told. */
  readonly lost: number;
  /** Messages that were in their place once, each of which a sentence stands for now. */
  readonly placeholders: number;
}

/** What became of a repair. */
export interface RepairReport extends Salvaged {
  readonly outcome: 'sound' | 'would' | 'done';
  /** Where everything that was there is kept, if it was moved. */
  readonly kept?: string;
  /** Into which store it was written, if not into the place of the damaged one. */
  readonly to?: string;
}

/** Of a store in which nothing is wrong, or whose repair was made before. */
export const nothingLost = (head = 0): Salvaged => ({
  ...{ base: { position: 0, from: '' }, head, lost: 0, placeholders: 0 },
});

export interface SalvageInput {
  /** For people: the store that is damaged. */
  readonly name: string;
  readonly remains: Remains;
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
 * @throws StoreProblem `contradicts` when what was found cannot be one log
 */
export const salvage = async (input: SalvageInput): Promise<Salvaged> => {
  const { name, remains, donors, into, log } = input;
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
    if (source !== undefined) await fill(keeper, source, log, base);
  } finally {
    if (source !== undefined && !donors.includes(source)) await source.close();
  }
  let lost = 0;
  const begun = new Map<string, LogRecord<'message'> | undefined>();
  for await (const batch of remains.behind(base)) {
    const records = batch.records.filter((record) => record.position > at);
    if (records.length === 0 && batch.through <= at) continue;
    lost += Math.max(0, batch.after - at);
    for (const record of records) noteConversation(record, begun);
    await append({ records, through: batch.through, compacted: true });
  }
  const head = Math.max(at, remains.proven, ...donors.map((donor) => donor.health().position));
  lost += head - at;
  lost += (remains.doubtful ?? []).filter((position) => position > base).length;
  const { counted, lacking } = remains;
  const marks = lost === 0 && counted === undefined ? [] : await placeholders({ store: into, begun, counted, head });
  if (marks.length > 0 || head > at) await append({ records: marks, through: head + marks.length, compacted: true });
  const { findings } = await verifyReads(into, name);
  if (findings[0] !== undefined)
    throw new StoreProblem({ code: 'contradicts', store: name, what: findings[0].message });
  const unsure = lacking !== undefined && base < lacking.through ? lacking.entities : 0;
  return {
    base: { position: base, from },
    head,
    // What is missing in front of a history is no position that is missing.
    lost: Math.max(lost, marks.length, unsure),
    placeholders: marks.filter((mark) => mark.is('message')).length,
  };
};

/** The furthest state that is whole: of another store, or of the damaged one itself; none where nothing is. */
const furthest = async ({ name, remains, donors }: SalvageInput) => {
  const best = donors.toSorted((a, b) => b.health().position - a.health().position)[0];
  for (const position of remains.reach.toSorted((a, b) => b - a)) {
    if (best !== undefined && best.health().position >= position) break;
    try {
      return { source: await remains.at(position), position, from: name };
    } catch (error) {
      if (!(error instanceof GuichetError)) throw error;
    }
  }
  if (best !== undefined) return { source: best, position: best.health().position, from: best.name };
  return { source: undefined, position: 0, from: name };
};

/** Remembers conversations whose own record may be among what is lost, with a message that says whose they are. */
const noteConversation = (record: LogRecord, begun: Map<string, LogRecord<'message'> | undefined>): void => {
  if (!record.is('message')) return;
  const { conversationId, senderType } = record.value;
  if (senderType === 'USER' || !begun.has(conversationId)) begun.set(conversationId, record);
};

interface PlaceholdersInput {
  readonly store: Store;
  readonly begun: ReadonlyMap<string, LogRecord<'message'> | undefined>;
  readonly counted: Remains['counted'];
  readonly head: number;
}

/** Records that close the gaps, numbered behind the head. */
const placeholders = async ({ store, begun, counted, head }: PlaceholdersInput): Promise<LogRecord[]> => {
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
    for (const mark of await gapsOf(store, id, counted?.get(id))) add('message', mark as never);
  }
  return marks;
};

/** What stands for the messages of a conversation that are missing in front of ones that are there, or that it counts. */
const gapsOf = async (store: Store, conversationId: string, counted: Counted | undefined): Promise<Message[]> => {
  const found: Message[] = [];
  let [seq, publicSeq] = [0, 0];
  /** @param upTo the last number in front of the gap's end, and how many of those before it are public */
  const close = (upTo: { seq: number; publicSeq: number }, createdAt: string): void => {
    let shown = upTo.publicSeq - publicSeq;
    for (seq += 1; seq <= upTo.seq; seq += 1) {
      const isShown = shown > 0;
      if (isShown) {
        shown -= 1;
        publicSeq += 1;
      }
      found.push({
        ...{ id: `lost.${conversationId}.${seq}`, conversationId, seq, publicSeq },
        ...{ kind: isShown ? 'message' : 'note', senderId: 'system', senderType: 'SYSTEM' },
        ...{ content: LOST_TEXT, createdAt },
      });
    }
  };
  for await (const { value } of messagesOf(store, conversationId)) {
    close({ seq: value.seq - 1, publicSeq: value.publicSeq - (isPublic(value) ? 1 : 0) }, value.createdAt);
    [seq, publicSeq] = [value.seq, value.publicSeq];
  }
  if (counted !== undefined) close(counted, counted.updatedAt);
  return found;
};
