import { basename } from 'node:path';
import type { TimeOfDay } from '../config/values.ts';
import { asGuichetError, GuichetError } from '../domain/errors.ts';
import type { LogIdentity } from '../domain/model/log-identity.ts';
import type { Logger } from '../stores/file/logger.ts';
import { dayDue, wasThere } from './schedule.ts';
import { Shelf, type ShelvedBackup } from './shelf.ts';

export interface DailyBackupsOptions {
  /** Where they go, a directory a day; `null` when there is no such place. */
  readonly directory: string | null;
  /** Wall clock time in `timezone`. */
  readonly at: TimeOfDay;
  readonly timezone: string;
  /** How many are kept. */
  readonly keep: number;
  readonly shelf?: Shelf;
  readonly logger: Logger;
  readonly now?: () => number;
  /** Writes a verified backup; whatever it rejects with is told and tried again later. */
  readonly make: (to: string, signal: AbortSignal) => Promise<void>;
}

/** The last backup that was read back. */
export interface VerifiedBackup {
  readonly position: number;
  readonly at: number;
}

/** A missed backup waits until the first callers are served. */
const FIRST_LOOK_MS = 3000;
const LOOK_EVERY_MS = 20_000;
/** After a failure: soon enough for a disk that was full for a while, seldom enough for one that stays so. */
const AGAIN_AFTER_MS = 30 * 60_000;

/** One backup a day, a missed one as soon as possible, and no more than are to be kept. */
export class DailyBackups {
  readonly #options: DailyBackupsOptions;
  readonly #shelf: Shelf;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  #log: LogIdentity | undefined;
  #bornAt = 0;
  #backups: readonly ShelvedBackup[] = [];
  #running: Promise<ShelvedBackup> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #notBefore = 0;
  #error: string | null = null;

  constructor(options: DailyBackupsOptions) {
    this.#options = options;
    this.#shelf = options.shelf ?? new Shelf(options.directory);
    this.#now = options.now ?? Date.now;
  }

  /** Of this log; `null` while there is none. */
  get last(): VerifiedBackup | null {
    const newest = this.#backups.findLast(({ manifest }) => manifest.log.id === this.#log?.id);
    return newest === undefined ? null : { position: newest.manifest.position, at: newest.manifest.takenAt };
  }

  /** Why the last attempt failed; `null` after a success. */
  get error(): string | null {
    return this.#error;
  }

  /** Up to where the journal is not needed for the next backup; `undefined` when none will be made. */
  get backedUp(): number | undefined {
    if (this.#options.directory === null) return undefined;
    const { log } = this.#backups.at(-1)?.manifest ?? {};
    return log !== undefined && log.rewinds === this.#log?.rewinds ? this.last?.position : 0;
  }

  /** Looks what there is. Called before the store is opened, and when its log is known. */
  async load(): Promise<void> {
    try {
      this.#backups = await this.#shelf.list();
    } catch (error) {
      // A place that cannot be read keeps nobody from chatting; the next backup says what is wrong with it.
      this.#options.logger.warn(
        `The backups cannot be listed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /**
   * Begins to look at the clock.
   * @param bornAt when the log began, epoch ms; 0 when nobody knows
   */
  start(log: LogIdentity, bornAt: number): void {
    this.#log = log;
    this.#bornAt = bornAt;
    if (this.#options.directory === null) {
      this.#options.logger.warn('There are no daily backups: name a directory for them with --backup-dir.');
      return;
    }
    this.#schedule();
  }

  #schedule(inMs = FIRST_LOOK_MS): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => void this.look().finally(() => this.#schedule(LOOK_EVERY_MS)), inMs).unref();
  }

  /** Makes the backup that is due, if one is. Never rejects. */
  async look(): Promise<void> {
    const { at, timezone, logger } = this.#options;
    const now = this.#now();
    const day = dayDue(now, at, timezone);
    if (now < this.#notBefore || this.#running !== undefined || !wasThere(this.#bornAt, day, at, timezone)) return;
    if (this.#backups.some(({ name }) => name >= day)) return;
    try {
      await this.#make(day);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#notBefore = this.#now() + AGAIN_AFTER_MS;
      this.#error = reasonOf(error);
      logger.error(
        `The backup of ${day} was not made: ${this.#error} It is tried again in half an hour; older ones are kept.`,
      );
    }
  }

  /**
   * Makes one now, under today's name or the next that is free.
   * @throws GuichetError `unavailable` while another is being made, or where it was told why it failed
   */
  async makeNow(): Promise<ShelvedBackup> {
    if (this.#options.directory === null) throw new GuichetError('invalid', 'There is no directory for backups.');
    if (this.#running !== undefined) throw new GuichetError('unavailable', 'A backup is being made already.');
    const { timezone } = this.#options;
    return this.#make(dayDue(this.#now(), { hour: 0, minute: 0 }, timezone));
  }

  #make(day: string): Promise<ShelvedBackup> {
    this.#running ??= this.#write(day).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #write(day: string): Promise<ShelvedBackup> {
    const { keep, make, logger } = this.#options;
    const place = await this.#shelf.placeFor(day);
    const began = this.#now();
    await make(place, this.#stopping.signal);
    await this.load();
    const made = this.#backups.find(({ name }) => name === basename(place));
    if (made === undefined) throw new Error(`${place} is not there.`);
    this.#error = null;
    const { position, counts } = made.manifest;
    const seconds = Math.round((this.#now() - began) / 100) / 10;
    logger.info(
      `The backup ${made.name} was made and read back: ${counts.messages} messages, position ${position}, ${seconds} s.`,
    );
    // Only now, when a newer one is known to be good.
    await this.#shelf.keep(keep);
    await this.load();
    return made;
  }

  /** Where they go; `null` when there is no such place. Resolves when none is being made any more. */
  async settled(): Promise<string | null> {
    await this.#running?.catch(() => {});
    return this.#options.directory;
  }

  /** Gives up the one that is being made; nothing of it stays. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
  }
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = asGuichetError(error);
  return cause instanceof Error ? cause.message : message;
};
