import type { LogRecord } from '../../domain/model/record.ts';
import type { LogState } from '../../domain/state/log-state.ts';
import type { LogHead, RecordPage } from '../../domain/store.ts';
import type { MessageRef, MessageShelf } from './message-shelf.ts';

/** Positions looked at in one go when reading from state; more when the entities lie far apart. */
const WINDOW = 4096;

/** Entities as records of their last change behind `position`, once each, in order of it: the log as if compacted. */
export const readCompacted = async (
  state: LogState,
  shelf: MessageShelf,
  position: number,
  limit: number,
  head: LogHead,
): Promise<RecordPage> => {
  for (let window = Math.max(WINDOW, 2 * limit); ; window *= 4) {
    const through = Math.min(head.position, position + window);
    const records = [...state.recordsBetween(position, through, head)];
    const refs = shelf.between(position, through);
    if (records.length + refs.length < limit && through < head.position) continue;
    return page(shelf, records, refs, limit, through, head.position);
  }
};

/** The same of what one contact may see. */
export const readVisible = async (
  state: LogState,
  shelf: MessageShelf,
  userId: string,
  position: number,
  limit: number,
  head: LogHead,
): Promise<RecordPage> => {
  const records = [...state.publicRecords(userId, position, head)];
  const changed = state.conversations.ofUser(userId).filter(({ publicPosition }) => publicPosition > position);
  const refs = changed.flatMap(({ conversation }) => shelf.publicSince(conversation.id, position));
  return page(shelf, records, refs, limit, head.position, head.position);
};

/** The first of them in order of position; the messages among those are read, the others are not. */
const page = async (
  shelf: MessageShelf,
  records: readonly LogRecord[],
  refs: readonly MessageRef[],
  limit: number,
  through: number,
  head: number,
): Promise<RecordPage> => {
  const found = [...records, ...refs].sort((a, b) => a.position - b.position);
  const taken = found.slice(0, limit);
  const end = found.length > limit ? taken.at(-1)!.position : through;
  const messages = await shelf.read(taken.filter(isRef));
  let next = 0;
  const filled = taken.map((item) => (isRef(item) ? messages[next++]! : item));
  return { records: filled, through: end, more: end < head, compacted: true };
};

const isRef = (item: LogRecord | MessageRef): item is MessageRef => 'thread' in item;
