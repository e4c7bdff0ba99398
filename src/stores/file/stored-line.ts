import { LogRecord, type RecordKind } from '../../domain/model/record.ts';

/**
 * How a record stands in a snapshot: its json with one or two keys added behind, `recordTime` only where the time of
 * the record is not the one that the entity tells. Cutting them off gives the bytes of the record again.
 */
export const storedLine = (json: string, position: number, time: number): string =>
  `${json.slice(0, -1)}${storedTail(position, time)}`;

/** What stands in a stored line behind the json without its last brace. */
export const storedTail = (position: number, time?: number): string =>
  `${time === undefined ? '' : `${TIME}${time}`}${POSITION}${position}}`;

const TIME = ',"recordTime":';
const POSITION = ',"position":';
const BRACE = 125;
const ZERO = 48;

/** What stands behind the json of a stored line. */
export interface Tail {
  /** Where the json ends, but for its brace. */
  readonly cut: number;
  readonly position: number;
  /** Absent when the entity tells it. */
  readonly time: number | undefined;
}

/** Reads the tail of a stored line in `bytes[start, end)`; `undefined` when it has none. */
export const readTail = (bytes: Buffer, start: number, end: number): Tail | undefined => {
  const position = bytes[end - 1] === BRACE ? numberBehind(bytes, start, end - 1, POSITION) : undefined;
  if (position === undefined) return undefined;
  const time = numberBehind(bytes, start, position.cut, TIME);
  return { cut: time?.cut ?? position.cut, position: position.value, time: time?.value };
};

const numberBehind = (
  bytes: Buffer,
  start: number,
  end: number,
  name: string,
): { cut: number; value: number } | undefined => {
  let value = 0;
  let scale = 1;
  let at = end - 1;
  for (; at >= start; at -= 1, scale *= 10) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value += digit * scale;
  }
  const cut = at + 1 - name.length;
  if (at === end - 1 || cut < start) return undefined;
  for (let i = 0; i < name.length; i += 1) if (bytes[cut + i] !== name.charCodeAt(i)) return undefined;
  return { cut, value };
};

/** The record of a stored line; `told` gives the time that the entity tells. `undefined` when it is no stored line. */
export const parseStoredLine = <K extends RecordKind>(
  kind: K,
  bytes: Buffer,
  start: number,
  end: number,
  told: (json: string) => number,
): LogRecord<K> | undefined => {
  const tail = readTail(bytes, start, end);
  if (tail === undefined) return undefined;
  const json = `${bytes.toString('utf8', start, tail.cut)}}`;
  return new LogRecord(tail.position, tail.time ?? told(json), kind, json);
};
