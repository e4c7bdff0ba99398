import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Actor } from '../domain/access.ts';
import { GuichetError } from '../domain/errors.ts';
import { type LogIdentity, logName } from '../domain/model/log-identity.ts';

/** What a visitor's cursor is made of, in bytes: one AES block. */
const POSITION_BYTES = 6;
const AHEAD_BYTES = 3;
const RUN_BYTES = 3;
const AHEAD_AT = POSITION_BYTES;
const RUN_AT = AHEAD_AT + AHEAD_BYTES;
const MARK_AT = RUN_AT + RUN_BYTES;

/**
 * Cursors of the change feed. An agent's is the position and a mark of the log, in clear. A visitor's is the same
 * sealed: positions count everything that happens on the server, and what others write, or agents note, must not be
 * countable. Sealing is one AES block (a permutation, so equal positions give equal cursors) over the position and a
 * mark of visitor and log, which also makes it useless in another visitor's hands.
 *
 * A cursor over records that are not durable yet says so: how far ahead of the durable log it is counts only for the
 * run of the server that gave it. After a restart it means the durable part, for the numbers behind it were lost.
 */
export class Cursors {
  readonly #mark: string;
  readonly #log: LogIdentity;
  readonly #key: Buffer;
  readonly #visitorMarks = new WeakMap<Actor, Buffer>();
  readonly #seal: ReturnType<typeof createCipheriv>;
  readonly #run = randomBytes(RUN_BYTES);

  constructor(secret: string, log: LogIdentity) {
    this.#log = log;
    this.#mark = createHash('sha256').update(logName(log)).digest('base64url').slice(0, 8);
    this.#key = Buffer.from(hkdfSync('sha256', secret, logName(log), 'guichet visitor cursor', 16));
    this.#seal = createCipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false);
  }

  /** @param durable the log is durable up to here */
  encode(actor: Actor, position: number, durable = position): string {
    const held = Math.min(position, durable);
    const ahead = position - held;
    if (actor.type !== 'visitor') {
      return `${held}${ahead === 0 ? '' : `.${ahead}.${this.#run.toString('hex')}`}-${this.#mark}`;
    }
    const block = Buffer.alloc(16);
    block.writeUIntBE(held, 0, POSITION_BYTES);
    if (ahead > 0) {
      block.writeUIntBE(ahead, AHEAD_AT, AHEAD_BYTES);
      this.#run.copy(block, RUN_AT);
    }
    this.#visitorMark(actor).copy(block, MARK_AT);
    return this.#seal.update(block).toString('base64url');
  }

  /**
   * The position of a cursor. `0` is the start for everybody; agents may write a bare position. Throws `resync` for
   * another log, another past, or a position that `head` has not reached, `invalid` for what was never a cursor.
   */
  decode(actor: Actor, cursor: string, head: number): number {
    if (cursor === '0') return 0;
    const position = actor.type === 'visitor' ? this.#open(actor, cursor) : this.#parse(cursor);
    if (position > head) throw new GuichetError('resync');
    return position;
  }

  #parse(cursor: string): number {
    const match = /^(\d{1,15})(?:\.(\d{1,8})\.([0-9a-f]{6}))?(?:-([A-Za-z0-9_-]{8}))?$/.exec(cursor);
    if (match === null) throw new GuichetError('invalid', 'This is not a cursor of the change feed.');
    const [, held, ahead, run, mark] = match;
    if (mark !== undefined && mark !== this.#mark) throw new GuichetError('resync');
    return Number(held) + (run === this.#run.toString('hex') ? Number(ahead) : 0);
  }

  #open(actor: Actor, cursor: string): number {
    const sealed = Buffer.from(cursor, 'base64url');
    if (sealed.length !== 16) throw new GuichetError('invalid', 'This is not a cursor of the change feed.');
    const block = createDecipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false).update(sealed);
    if (!block.subarray(MARK_AT).equals(this.#visitorMark(actor))) throw new GuichetError('resync');
    const ofThisRun = block.subarray(RUN_AT, MARK_AT).equals(this.#run);
    return block.readUIntBE(0, POSITION_BYTES) + (ofThisRun ? block.readUIntBE(AHEAD_AT, AHEAD_BYTES) : 0);
  }

  #visitorMark(actor: Actor): Buffer {
    let mark = this.#visitorMarks.get(actor);
    if (mark === undefined) {
      const whole = createHash('sha256')
        .update(`${logName(this.#log)} ${actor.id}`)
        .digest();
      mark = whole.subarray(0, 16 - MARK_AT);
      this.#visitorMarks.set(actor, mark);
    }
    return mark;
  }
}
