import type { Message } from '../domain/model/message.ts';
import type { Hub } from './hub.ts';
import type { Audience } from './wire.ts';

/** Last message of a conversation that a connection of one side has, in both countings. */
export interface Mark {
  readonly seq: number;
  readonly publicSeq: number;
}

/** Conversations whose marks are kept: those in which something was delivered last. */
const KEPT = 10_000;

/**
 * "A session of the other side has it": told to whoever wrote, on each of their devices, now and when they come back;
 * never stored, so that a restart of the server forgets it. Only messages the other side wrote count.
 */
export class DeliveryMarks {
  readonly #hub: Hub;
  readonly #marks = new Map<string, Partial<Record<Audience, Mark>>>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** A connection of `side` has everything of the other side up to `mark`. */
  confirm(conversationId: string, side: Audience, mark: Mark): void {
    const marks = this.#marks.get(conversationId) ?? {};
    if ((marks[side]?.seq ?? 0) >= mark.seq) return;
    const author = side === 'visitor' ? 'agent' : 'visitor';
    this.#marks.delete(conversationId);
    this.#marks.set(conversationId, { ...marks, [side]: mark });
    if (this.#marks.size > KEPT) this.#marks.delete(this.#marks.keys().next().value!);
    this.#hub.say(conversationId, (audience) =>
      audience === author ? frame(conversationId, mark, audience) : undefined,
    );
  }

  /** What a connection that begins to follow should know. */
  known(conversationId: string, audience: Audience): string | undefined {
    const mark = this.#marks.get(conversationId)?.[audience === 'visitor' ? 'agent' : 'visitor'];
    return mark && frame(conversationId, mark, audience);
  }
}

/** Whether a message counts as delivered when a connection of this side has it. */
export const isFromOtherSide = (message: Message, side: Audience): boolean =>
  message.kind === 'message' && (message.senderType === 'USER') === (side === 'agent');

const frame = (conversationId: string, mark: Mark, audience: Audience): string =>
  JSON.stringify({ type: 'delivered', conversationId, seq: audience === 'visitor' ? mark.publicSeq : mark.seq });
