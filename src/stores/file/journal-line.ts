import { crc32 } from 'node:zlib';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import { LogRecord, RECORD_KINDS, type RecordKind } from '../../domain/model/record.ts';

/** Version of the journal's format; a reader refuses higher ones. */
export const JOURNAL_FORMAT = 1;

/** First line of a segment. */
export interface SegmentHeader {
  readonly format: number;
  readonly log: LogIdentity;
  /** Which keeper wrote it; missing in those of early versions. */
  readonly keeper?: string;
  readonly epoch: number;
  readonly segment: number;
  /** Position of the last record in front of this segment. */
  readonly after: number;
  /** When it was begun, epoch ms. */
  readonly time: number;
  /**
   * The segment it goes on from, and how many bytes of that one count; what lies behind them is void. Records above
   * `after` that stand in front of them are repeated here; until they are, they count.
   */
  readonly previous: { readonly segment: number; readonly bytes: number } | null;
}

/** Last line of a batch: without it the batch did not happen. */
export interface CommitLine {
  readonly after: number;
  readonly through: number;
  readonly count: number;
  /** Highest position whose sync had returned when this batch was issued: evidence about all before it. */
  readonly durable: number;
  readonly compacted?: boolean;
}

/** Evidence written when the journal is idle, so that the last batch has some too. */
export interface DurableLine {
  readonly durable: number;
}

export type JournalLine =
  | { readonly type: 'H'; readonly header: SegmentHeader }
  | { readonly type: 'R'; readonly record: LogRecord }
  | { readonly type: 'C'; readonly commit: CommitLine }
  | { readonly type: 'D'; readonly durable: number };

const SPACE = 32;
const NEWLINE = 10;
/** No brace stands in front of the json of a record. */
const BRACE = 123;
const ZERO = 48;
const CRC_DIGITS = 8;
const HEX = Buffer.from('0123456789abcdef');

/** Most bytes that a line around this payload can take. */
const roomFor = (payload: string): number => payload.length * 3 + CRC_DIGITS + 16;

const digitsOf = (value: number): number =>
  value < 1000 ? (value < 100 ? (value < 10 ? 1 : 2) : 3) : String(value).length;

/**
 * Writes `<crc32 of the payload, 8 hex> <bytes of the payload> <payload>\n` into `into` and answers where it ends. By
 * hand, because this runs once for every record: strings would be put together and taken apart several times.
 */
const writeLine = (into: Buffer, start: number, payload: string): number => {
  // For plain text the number of characters is the number of bytes; else the payload is moved by a digit or two.
  const guess = digitsOf(payload.length);
  const guessed = start + CRC_DIGITS + 1 + guess + 1;
  const size = into.write(payload, guessed);
  const digits = digitsOf(size);
  const from = guessed + digits - guess;
  if (from !== guessed) into.copyWithin(from, guessed, guessed + size);
  let crc = crc32(into.subarray(from, from + size));
  for (let at = start + CRC_DIGITS - 1; at >= start; at -= 1, crc >>>= 4) into[at] = HEX[crc & 15]!;
  into[start + CRC_DIGITS] = SPACE;
  let rest = size;
  for (let at = from - 2; at > start + CRC_DIGITS; at -= 1, rest = Math.floor(rest / 10)) into[at] = ZERO + (rest % 10);
  into[from - 1] = SPACE;
  into[from + size] = NEWLINE;
  return from + size + 1;
};

const line = (payload: string): Buffer => {
  const bytes = Buffer.allocUnsafe(roomFor(payload));
  return bytes.subarray(0, writeLine(bytes, 0, payload));
};

export const headerLine = (header: SegmentHeader): Buffer => line(`H ${JSON.stringify(header)}`);
export const durableLine = (evidence: DurableLine): Buffer => line(`D ${JSON.stringify(evidence)}`);

/** A batch as its lines. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  /** Where the json of each record begins and ends in `bytes`: two numbers a record. */
  readonly spans: Uint32Array;
}

const KEPT_BYTES = 4 * 1024 * 1024;

/** Encodes one batch after another into the same memory: what it answered holds until the next one. */
export class BatchEncoder {
  #buffer = Buffer.allocUnsafe(64 * 1024);

  encode(records: readonly LogRecord[], commit: CommitLine): EncodedBatch {
    const spans = new Uint32Array(records.length * 2);
    let at = 0;
    records.forEach((r, i) => {
      const payload = `R ${r.position} ${r.time} ${r.kind} ${r.json}`;
      this.#reserve(at, payload);
      const end = writeLine(this.#buffer, at, payload);
      spans[2 * i] = this.#buffer.indexOf(BRACE, at);
      spans[2 * i + 1] = end - 1;
      at = end;
    });
    const last = `C ${JSON.stringify(commit)}`;
    this.#reserve(at, last);
    const bytes = this.#buffer.subarray(0, writeLine(this.#buffer, at, last));
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(KEPT_BYTES);
    return { bytes, spans };
  }

  #reserve(used: number, payload: string): void {
    const wanted = used + roomFor(payload);
    if (wanted <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, used);
    this.#buffer = larger;
  }
}

const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);

/** Reads one line in `bytes[start, end)`; a string says what is wrong with it. */
export const parseLine = (bytes: Buffer, start: number, end: number): JournalLine | string => {
  const sizeEnd = bytes.indexOf(SPACE, start + CRC_DIGITS + 1);
  if (end - start < CRC_DIGITS + 4 || bytes[start + CRC_DIGITS] !== SPACE || sizeEnd < 0 || sizeEnd >= end) {
    return 'it is not a line of a journal';
  }
  const from = sizeEnd + 1;
  if (Number(bytes.toString('latin1', start + CRC_DIGITS + 1, sizeEnd)) !== end - from)
    return 'its length is not the one it names';
  const payload = bytes.subarray(from, end);
  if (crc32(payload).toString(16).padStart(CRC_DIGITS, '0') !== bytes.toString('latin1', start, start + CRC_DIGITS)) {
    return 'its checksum is wrong';
  }
  try {
    return parsePayload(payload);
  } catch {
    return 'its contents cannot be read';
  }
};

/**
 * Where a line ends by the length it names, when its newline is damaged and the next line runs on behind it. Else one
 * byte would hide two lines: the end of a batch, and the evidence that it was acknowledged.
 */
export const endByLength = (bytes: Buffer, start: number, end: number): number | undefined => {
  const from = bytes.indexOf(SPACE, start + CRC_DIGITS + 1) + 1;
  if (from === 0) return undefined;
  const at = from + Number(bytes.toString('latin1', start + CRC_DIGITS + 1, from - 1));
  return at < end && typeof parseLine(bytes, start, at) === 'object' ? at : undefined;
};

const parsePayload = (payload: Buffer): JournalLine | string => {
  const type = String.fromCharCode(payload[0] ?? 0);
  if (type === 'R') return parseRecord(payload);
  const value: unknown = JSON.parse(payload.toString('utf8', 2));
  if (type === 'C') return { type, commit: value as CommitLine };
  if (type === 'D') return { type, durable: (value as DurableLine).durable };
  if (type === 'H') return { type, header: value as SegmentHeader };
  return `a line of type ${JSON.stringify(type)} is unknown here`;
};

const parseRecord = (payload: Buffer): JournalLine | string => {
  const timeAt = payload.indexOf(SPACE, 2) + 1;
  const kindAt = payload.indexOf(SPACE, timeAt) + 1;
  const jsonAt = payload.indexOf(SPACE, kindAt) + 1;
  const kind = payload.toString('latin1', kindAt, jsonAt - 1);
  if (!KINDS.has(kind)) return `a record of kind ${JSON.stringify(kind)} is unknown here`;
  const position = Number(payload.toString('latin1', 2, timeAt - 1));
  const time = Number(payload.toString('latin1', timeAt, kindAt - 1));
  return { type: 'R', record: new LogRecord(position, time, kind as RecordKind, payload.toString('utf8', jsonAt)) };
};
