import type { Message } from '../domain/model/message.ts';
import { isFromOtherSide, type Mark } from './delivery-marks.ts';
import type { Audience } from './wire.ts';

/**
 * What was sent on one connection and is not known to have arrived. Handing a frame to the network proves nothing: a
 * sign of life that was asked for behind it does.
 */
export class DeliveryProbe {
  /** Newest message of the other side by conversation: sent since the last question, and asked after. */
  #sent = new Map<string, Mark>();
  #asked: ReadonlyMap<string, Mark> | undefined;

  /** There is something to ask after, and no question under way. */
  get isDue(): boolean {
    return this.#asked === undefined && this.#sent.size > 0;
  }

  sent(message: Message, side: Audience): void {
    if (!isFromOtherSide(message, side)) return;
    const { conversationId, seq, publicSeq } = message;
    const held = this.#sent.get(conversationId);
    if (held === undefined || held.seq < seq) this.#sent.set(conversationId, { seq, publicSeq });
  }

  /** The question goes out now. */
  ask(): void {
    this.#asked = this.#sent;
    this.#sent = new Map();
  }

  /** It was answered: what has arrived, by conversation. */
  answered(): ReadonlyMap<string, Mark> {
    const arrived = this.#asked ?? new Map<string, Mark>();
    this.#asked = undefined;
    return arrived;
  }
}
