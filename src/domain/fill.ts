import { isDeepStrictEqual } from 'node:util';
import type { DirectoryKind } from './model/directory.ts';
import { conversationOf, isDirectoryKind, type LogRecord } from './model/record.ts';
import type { Batch, Reads, RecordPage, View, ViewRequest } from './store.ts';

/** Records that are copied at a time; a keeper that lacks no more than this is nearly level. */
export const FILL_PAGE = 1000;
/** Records at the end of a keeper that are compared with the log before it is trusted to hold its beginning. */
const COMPARED = 50;

/** Where the records come from. */
export type Source = Pick<Reads, 'recordsSince' | 'view'>;

/** The keeper that is filled: where it stands, and how it is given more. */
export interface Filled {
  readonly position: number;
  append(batch: Omit<Batch, 'epoch'>): Promise<unknown>;
}

/**
 * Whether what a keeper holds is the beginning of the log. Its last records are compared: each must be in the log at its
 * position, or, where the log only has its entities there any more, be of an entity that the log knows and that changed
 * since. Nothing is ever taken out of a log, so a keeper of something the log does not know is another branch.
 * @param position where the keeper stands
 * @param heldSince reads from it
 */
export const agrees = async (
  position: number,
  heldSince: (after: number, limit: number) => Promise<RecordPage>,
  source: Source,
): Promise<boolean> => {
  const from = Math.max(0, position - COMPARED);
  const own = await heldSince(from, COMPARED);
  const page = await source.recordsSince(from, COMPARED);
  const log = new Map(page.records.map((record) => [record.position, record]));
  const held = new Map(own.records.map((record) => [record.position, record]));
  const known = await source.view(asked(own.records));
  return (
    own.records.every((record) => {
      const same = log.get(record.position);
      if (same !== undefined) return isSame(same, record);
      return page.compacted && isKnown(record, known);
    }) &&
    (own.compacted || page.records.every((record) => record.position > position || held.has(record.position)))
  );
};

/** Brings a keeper from where it stands to `end`, page by page. It may be called again after any failure. */
export const fill = async (keeper: Filled, source: Source, log: Batch['log'], end: number): Promise<void> => {
  while (keeper.position < end) {
    const page = await source.recordsSince(keeper.position, FILL_PAGE);
    const through = Math.min(page.through, end);
    const records = page.records.filter((record) => record.position <= through);
    await keeper.append({ log, after: keeper.position, through, records, ...(page.compacted && { compacted: true }) });
  }
};

/** An entity that is answered from state may be written differently from the record that brought it. */
export const isSame = (a: LogRecord, b: LogRecord): boolean =>
  a.kind === b.kind && (a.json === b.json || isDeepStrictEqual(a.value, b.value));

/** What has to be looked up to say whether these entities are known. */
const asked = (records: readonly LogRecord[]): ViewRequest => ({
  conversations: [...new Set(records.flatMap((record) => conversationOf(record) ?? []))],
  messages: records.flatMap((record) => (record.is('message') ? record.value.id : [])),
  entries: records.flatMap((record) => {
    if (!isDirectoryKind(record.kind)) return [];
    return { kind: record.kind, id: (record as LogRecord<DirectoryKind>).value.id };
  }),
  agentEmails: [],
});

const isKnown = (record: LogRecord, known: View): boolean => {
  if (record.is('message')) {
    const now = known.messages.get(record.value.id)?.value;
    return now?.conversationId === record.value.conversationId && now.seq === record.value.seq;
  }
  const conversationId = conversationOf(record);
  if (conversationId !== undefined) return known.conversations.has(conversationId);
  return known.entries.has(`${record.kind} ${(record as LogRecord<DirectoryKind>).value.id}`);
};
