import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Message } from '../../../domain/model/message.ts';
import { comparePlaces, type SearchPlace, type SearchPlan, searchWords } from '../../../domain/state/message-search.ts';

/** Another format is made anew: everything in it comes from the messages. */
const FORMAT = 2;

/**
 * Keys rise with the time of a message: so many milliseconds share the upper part of a key, and the lower part counts
 * the messages in them. Together they fit 64 bits for every time that a date can have.
 */
const BUCKET_MS = 4096;
const BUCKET_ROOM = 1n << 22n;

const SCHEMA = `
  CREATE TABLE about (format INTEGER, log TEXT, through INTEGER);
  CREATE TABLE messages (key INTEGER PRIMARY KEY, at INTEGER NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL);
  CREATE VIRTUAL TABLE words USING fts5
    (terms, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6', tokenize = 'ascii');
`;

/** Memory of the whole index, in KiB. */
const CACHE_KIB = 4096;
/** Pages of 4 KiB after which the journal goes back into the file. */
const JOURNAL_PAGES = 500;

/** A message that was found: it has to be read before it is shown. */
export interface Found extends SearchPlace {
  readonly id: string;
}

/** A message as it is in the log: its position and its json. */
export type Indexed = readonly [position: number, json: string];

const firstKey = (at: number): bigint => BigInt(Math.floor(at / BUCKET_MS)) * BUCKET_ROOM;

/**
 * Which messages hold which words: an SQLite file with our words in it, not the texts, that can be thrown away at any
 * time. It says itself up to which position of which log it goes.
 */
export class WordIndex {
  readonly #database: DatabaseSync;
  readonly #lastKey: StatementSync;
  readonly #addMessage: StatementSync;
  readonly #addWords: StatementSync;
  readonly #keyOfId: StatementSync;
  readonly #removeMessage: StatementSync;
  readonly #removeWords: StatementSync;
  readonly #find: StatementSync;

  /** @param path of its file, or `:memory:`; made when it is not there */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec('PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    // What is taken away is overwritten, not only forgotten.
    this.#database.exec('PRAGMA secure_delete = ON');
    this.#database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${JOURNAL_PAGES}`);
    this.#makeTables();
    // Keys do not fit a number, not even where a statement only says which one it made last.
    const prepare = (text: string): StatementSync => {
      const statement = this.#database.prepare(text);
      statement.setReadBigInts(true);
      return statement;
    };
    this.#lastKey = prepare('SELECT max(key) AS key FROM messages WHERE key >= ? AND key < ?');
    this.#addMessage = prepare('INSERT INTO messages (key, at, position, id) VALUES (?, ?, ?, ?)');
    this.#addWords = prepare('INSERT INTO words (rowid, terms) VALUES (?, ?)');
    this.#keyOfId = prepare('SELECT key FROM messages WHERE key >= ? AND key < ? AND id = ?');
    this.#removeMessage = prepare('DELETE FROM messages WHERE key = ?');
    this.#removeWords = prepare('DELETE FROM words WHERE rowid = ?');
    // The order of the join is that of the words, which come by falling key.
    this.#find = this.#database.prepare(`
      SELECT m.at, m.position, m.id FROM words CROSS JOIN messages m ON m.key = words.rowid
      WHERE words MATCH ? AND words.rowid < ? ORDER BY words.rowid DESC`);
  }

  #makeTables(): void {
    const { tables } = this.#database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
      tables: number;
    };
    if (tables === 0) this.#database.exec(`BEGIN; ${SCHEMA} COMMIT`);
  }

  /** Up to which position of this log it goes; 0 when it is of another one, and then it is emptied. */
  begin(log: string): number {
    const about = this.#database.prepare('SELECT format, log, through FROM about').get();
    if (about?.format === FORMAT && about.log === log) return about.through as number;
    this.#transaction(() => {
      this.#database.exec(`DROP TABLE about; DROP TABLE messages; DROP TABLE words; ${SCHEMA}`);
      this.#database.prepare('INSERT INTO about (format, log, through) VALUES (?, ?, 0)').run(FORMAT, log);
    });
    return 0;
  }

  /** Takes in messages in order of position, all of them or none. @param through nothing up to here is missing then */
  add(messages: readonly Indexed[], through: number): void {
    let redacted = false;
    this.#transaction(() => {
      for (const [position, json] of messages) {
        const message = JSON.parse(json) as Message;
        if (message.redacted) redacted = this.#remove(message) || redacted;
        else this.#add(position, message);
      }
      this.#database.prepare('UPDATE about SET through = ?').run(through);
    });
    // What was taken away stays in the file until its parts are merged: of a redaction nothing is to stay.
    if (!redacted) return;
    this.#database.exec("INSERT INTO words (words) VALUES ('optimize')");
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  #add(position: number, message: Message): void {
    const words = searchWords(message.content);
    if (words.length === 0) return;
    const at = Date.parse(message.createdAt);
    const first = firstKey(at);
    const { key: last } = this.#lastKey.get(first, first + BUCKET_ROOM) as { key: bigint | null };
    const key = last === null ? first : last + 1n;
    this.#addMessage.run(key, at, position, message.id);
    this.#addWords.run(key, words.join(' '));
  }

  #remove(message: Message): boolean {
    const first = firstKey(Date.parse(message.createdAt));
    const row = this.#keyOfId.get(first, first + BUCKET_ROOM, message.id) as { key: bigint } | undefined;
    if (row === undefined) return false;
    this.#removeMessage.run(row.key);
    this.#removeWords.run(row.key);
    return true;
  }

  /** The newest messages with these words, newest first, at most `limit`. */
  find({ terms, behind }: Pick<SearchPlan, 'terms' | 'behind'>, limit: number): Found[] {
    const match = terms.map((term) => `"${term}"*`).join(' AND ');
    const end = behind === undefined ? (1n << 63n) - 1n : firstKey(behind.at) + BUCKET_ROOM;
    const found: Found[] = [];
    let bucket = Number.NaN;
    for (const row of this.#find.iterate(match, end) as Iterable<Found>) {
      // Within a bucket keys are in order of arrival: it is looked at whole and put in order.
      const next = Math.floor(row.at / BUCKET_MS);
      if (next !== bucket && found.length >= limit) break;
      bucket = next;
      if (behind === undefined || comparePlaces(row, behind) > 0) found.push({ ...row });
    }
    return found.sort(comparePlaces).slice(0, limit);
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
