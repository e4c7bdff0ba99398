import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { AUDIT_HEAD, type AuditAction, type AuditEntry, type AuditNote } from '../model/audit.ts';

/** A line of the audit log for what a caller does. */
export const noteOf = (actor: Actor, action: AuditAction, about: string | null, detail?: string): AuditNote => ({
  by: { type: actor.type, id: actor.id },
  action,
  about,
  ...(detail !== undefined && detail !== '' && { detail }),
});

/** Writes a line by itself, for what changes nothing else. */
export const noteDown = async (chat: Chat, audit: AuditNote): Promise<void> => {
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [], audit });
};

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** What to ask for next; null at the end. */
  readonly before: number | null;
}

/** A page of the audit log, newest first. */
export const auditPage = async (
  chat: Chat,
  actor: Actor,
  { before = Number.POSITIVE_INFINITY, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<AuditPage> => {
  authorize(actor, 'audit.read');
  const lines = (await chat.store.entries('audit')).filter(({ id, number }) => id !== AUDIT_HEAD && number < before);
  const entries = lines.sort((a, b) => b.number - a.number).slice(0, limit);
  return { entries, before: lines.length > limit ? entries.at(-1)!.number : null };
};
