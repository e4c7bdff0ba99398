import { isDeepStrictEqual } from 'node:util';
import type { Done, Entry, PutEntries } from '../change.ts';
import { GuichetError } from '../errors.ts';
import type { Draft } from './draft.ts';

/** Writes directory entries that differ from what is there. */
export const putEntries = (change: PutEntries, draft: Draft): Done => {
  for (const entry of change.entries) put(entry, change.mode, draft);
  const { audit, entries } = change;
  if (audit !== undefined && (draft.added > 0 || entries.length === 0)) draft.note(audit);
  return draft.done();
};

const put = (entry: Entry, mode: PutEntries['mode'], draft: Draft): void => {
  const { kind, value } = entry;
  const known = draft.entry(kind, value.id);
  if (isDeepStrictEqual(known, value)) return;
  if (mode === 'create' && known !== undefined) throw new GuichetError('id_taken');
  if (kind === 'agent' && value.email) {
    const holder = draft.agentByEmail(value.email);
    if (holder !== undefined && holder.id !== value.id) throw new GuichetError('email_taken');
  }
  draft.putEntry(kind, value);
};
