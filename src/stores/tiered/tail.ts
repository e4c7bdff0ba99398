import { GuichetError } from '../../domain/errors.ts';
import type { LogRecord } from '../../domain/model/record.ts';
import type { LogHead } from '../../domain/store.ts';
import { type Base, Overlay } from './overlay.ts';
import type { Tier } from './tier.ts';

export interface TailBounds {
  readonly records: number;
  readonly bytes: number;
}

/**
 * The newest records of the log, in memory, as long as no durable tier is known to hold them. Bounded: what does not
 * fit is refused, and nothing in it ever makes room for something newer.
 */
export class Tail {
  readonly overlay: Overlay;
  readonly records: LogRecord[] = [];
  /** Sets of members that records of the tail name: whether they count depends on where these records landed. */
  readonly sets: (readonly Tier[])[] = [];
  /** Time of its first record, epoch ms. */
  readonly since: number;
  readonly #bounds: TailBounds;
  #bytes = 0;

  /** @param base the store below, standing at `head` or somewhere within the tail */
  constructor(base: Base, head: LogHead, bounds: TailBounds, since: number) {
    this.#bounds = bounds;
    this.since = since;
    this.overlay = new Overlay(base, head);
  }

  /** Throws `overloaded` when the records do not fit. */
  requireRoom(records: readonly LogRecord[]): void {
    const fits =
      this.records.length + records.length <= this.#bounds.records &&
      this.#bytes + sizeOf(records) <= this.#bounds.bytes;
    if (fits) return;
    throw new GuichetError('overloaded', 'The storage is down, and the memory that stands in for it is full.');
  }

  /** Whether there is room for anything more. */
  get hasRoom(): boolean {
    return this.records.length < this.#bounds.records && this.#bytes < this.#bounds.bytes;
  }

  /** Whether the overlay shows all of it. */
  get complete(): boolean {
    return this.overlay.count === this.records.length;
  }

  /** Keeps records whose fate is open, whatever comes; rejects when the store below cannot be read to lay them over. */
  async keep(records: readonly LogRecord[]): Promise<void> {
    this.#take(records);
    await this.overlay.add(records);
  }

  /** Keeps records that nobody else was given; rejects, and keeps nothing, when they cannot be laid over. */
  async add(records: readonly LogRecord[]): Promise<void> {
    await this.overlay.add(records);
    this.#take(records);
  }

  #take(records: readonly LogRecord[]): void {
    this.records.push(...records);
    this.#bytes += sizeOf(records);
  }
}

/** About what records take in memory, in bytes. */
const sizeOf = (records: readonly LogRecord[]): number =>
  records.reduce((sum, record) => sum + 300 + 2 * record.json.length, 0);
