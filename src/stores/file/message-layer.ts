import { isPublic } from '../../domain/model/message.ts';
import { LogRecord } from '../../domain/model/record.ts';
import { messageFlags, parseTime } from './message-line.ts';

/** A message that is in no snapshot yet: where its bytes are, and what pages and counts need of it. */
export interface RecentMessage {
  readonly seq: number;
  readonly position: number;
  readonly time: number;
  /** Whether `createdAt` tells the time of the record. */
  readonly told: boolean;
  readonly flags: number;
  /** Its json is `bytes[start, end)`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A json that is encoded already: `bytes[start, end)`. */
export type Encoded = Pick<RecentMessage, 'bytes' | 'start' | 'end'>;

/** Messages of one thread, in order of seq. */
export type RecentThread = RecentMessage[];

/** Messages that came after a snapshot, redactions of older ones among them, by thread. */
export class MessageLayer {
  readonly threads = new Map<number, RecentThread>();
  readonly #arena = new TextArena();
  /** Bytes of text held. */
  bytes = 0;

  /** Takes in a message: keeps nothing of the record but its bytes, copied from where they are, and its numbers. */
  add(thread: number, record: LogRecord<'message'>, encoded?: Encoded): void {
    const { seq, senderType, createdAt } = record.value;
    const { position, time } = record;
    const flags = messageFlags(isPublic(record.value), senderType);
    this.put(thread, {
      seq,
      position,
      time,
      told: parseTime(createdAt) === time,
      flags,
      ...this.#arena.add(encoded ?? record.json),
    });
  }

  put(thread: number, message: RecentMessage): void {
    this.bytes += message.end - message.start;
    const held = this.threads.get(thread);
    if (held === undefined) {
      this.threads.set(thread, [message]);
      return;
    }
    const at = indexOfSeq(held, message.seq);
    if (held[at]?.seq === message.seq) held[at] = message;
    else held.splice(at, 0, message);
  }

  get(thread: number, seq: number): RecentMessage | undefined {
    const held = this.threads.get(thread);
    if (held === undefined) return undefined;
    const found = held[indexOfSeq(held, seq)];
    return found?.seq === seq ? found : undefined;
  }
}

/** Index of the first message with at least this seq; threads grow at their end, so that is looked at first. */
const indexOfSeq = (held: RecentThread, seq: number): number => {
  if (held.at(-1)!.seq < seq) return held.length;
  let low = 0;
  let high = held.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (held[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const recordOf = ({ position, time, bytes, start, end }: RecentMessage): LogRecord<'message'> =>
  new LogRecord(position, time, 'message', bytes.toString('utf8', start, end));

const ARENA_FIRST_BYTES = 64 * 1024;
const ARENA_CHUNK_BYTES = 1024 * 1024;

/**
 * Texts as bytes, behind each other in large chunks. As strings they would be copied by the garbage collector again
 * and again; as small buffers each would keep alive the pool it was cut from.
 */
class TextArena {
  #chunk = Buffer.alloc(0);
  #used = 0;

  add(text: string | Encoded): Encoded {
    const room = typeof text === 'string' ? text.length * 3 : text.end - text.start;
    if (this.#used + room > this.#chunk.length) {
      const size = Math.min(ARENA_CHUNK_BYTES, Math.max(ARENA_FIRST_BYTES, this.#chunk.length * 2));
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(size, room));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used +=
      typeof text === 'string'
        ? this.#chunk.write(text, start)
        : text.bytes.copy(this.#chunk, start, text.start, text.end);
    return { bytes: this.#chunk, start, end: this.#used };
  }
}
