import type { WholeReads } from './digest.ts';
import type { ChainEntry, DirectoryKind, DirectoryValues } from './model/directory.ts';
import { isDirectoryKind, type LogRecord, makeRecord } from './model/record.ts';

/**
 * A past of a log as a new store begins with it: every record under its number, with two that are not about the past
 * put right. Who was signed in then signs in anew, for the session may have been ended since; and the set of a chain
 * is the new store alone, for no other keeper has this past.
 */
export const asRestored = (source: WholeReads, target: ChainEntry['members'][number]): WholeReads => {
  const value = <K extends DirectoryKind>(kind: K, held: DirectoryValues[K]): DirectoryValues[K] => {
    if (kind === 'session') return { ...held, revoked: true };
    if (kind === 'chain') return { ...held, members: [target] };
    return held;
  };
  const record = (held: LogRecord): LogRecord => {
    if (!isDirectoryKind(held.kind) || (held.kind !== 'session' && held.kind !== 'chain')) return held;
    const { position, time, kind } = held;
    return makeRecord(position, time, kind, value(kind, held.value as DirectoryValues[typeof kind]));
  };
  return {
    view: (request) => source.view(request),
    recordsSince: async (...asked) => {
      const page = await source.recordsSince(...asked);
      return { ...page, records: page.records.map(record) };
    },
    conversation: (id) => source.conversation(id),
    conversations: (query) => source.conversations(query),
    messages: (id, range) => source.messages(id, range),
    entries: async (kind, page) => (await source.entries(kind, page)).map((held) => value(kind, held)),
  };
};
