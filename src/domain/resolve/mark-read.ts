import { authorizeOn } from '../access.ts';
import type { Done, MarkRead } from '../change.ts';
import { markOf } from '../model/conversation.ts';
import type { Draft } from './draft.ts';

/** Moves the caller's read mark forward; behind it or at it nothing is written. */
export const markRead = (change: MarkRead, draft: Draft): Done => {
  const { actor, conversationId } = change;
  const head = authorizeOn(actor, 'read.mark', draft.head(conversationId));
  const reader = { readerId: actor.id, readerType: actor.type === 'visitor' ? ('USER' as const) : ('AGENT' as const) };
  const held = markOf(head.reads, reader);
  const seq = Math.min(change.seq, head.lastSeq);
  if (seq <= (held?.seq ?? 0)) return draft.done({ head });
  const publicSeq = Math.min(change.publicSeq, head.lastPublicSeq);
  const shown = publicSeq > (held?.publicSeq ?? 0);
  draft.putRead({
    conversationId,
    ...reader,
    seq,
    publicSeq,
    publicPosition: shown ? draft.nextPosition : (held?.publicPosition ?? 0),
    at: draft.at,
  });
  return draft.done({ head: draft.head(conversationId)! });
};
