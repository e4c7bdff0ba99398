/**
 * Times as other programs write them, as UTC ISO text with milliseconds: ISO with or without a zone, epoch seconds,
 * milliseconds or finer as number or text, `[2025,1,6,8,0,34,144000000]` as Java writes a local time, `{"$date": ...}`.
 */
export class PlainTime {
  readonly #timezone: string | undefined;
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Offset of the zone by local quarter of an hour: asking Intl for each message would take seconds. */
  readonly #offsets = new Map<number, number>();

  /** @param timezone of times without one; an IANA name, the system's when absent */
  constructor(timezone: string | undefined) {
    this.#timezone = timezone;
    this.#format =
      timezone === undefined
        ? undefined
        : new Intl.DateTimeFormat('en-US', {
            timeZone: timezone,
            hourCycle: 'h23',
            ...{
              year: 'numeric',
              month: 'numeric',
              day: 'numeric',
              hour: 'numeric',
              minute: 'numeric',
              second: 'numeric',
            },
          });
  }

  /** `undefined` when it is no time. */
  parse(value: unknown): string | undefined {
    const time = this.#parse(value);
    if (time === undefined || !Number.isFinite(time) || Math.abs(time) > MAX_TIME) return undefined;
    return new Date(time).toISOString();
  }

  #parse(value: unknown): number | undefined {
    if (typeof value === 'number') return fromEpoch(value);
    if (typeof value === 'string') return this.#fromText(value.trim());
    if (Array.isArray(value)) return this.#fromParts(value);
    if (typeof value === 'object' && value !== null && '$date' in value) return this.#parse(value.$date);
    return undefined;
  }

  #fromText(text: string): number | undefined {
    if (/^\d{9,}(\.\d+)?$/.test(text)) return fromEpoch(Number(text));
    const match = ISO.exec(text);
    if (match === null) return undefined;
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
    const milliseconds = Math.floor(Number(`0.${fraction || 0}`) * 1000);
    const local = utc(year, month, day, hour, minute, second, milliseconds);
    if (zone === undefined) return this.#inZone(local);
    if (zone.toUpperCase() === 'Z') return local;
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    return local - (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
  }

  #fromParts(parts: readonly unknown[]): number | undefined {
    if (parts.length < 3 || parts.length > 7 || !parts.every((part) => Number.isInteger(part))) return undefined;
    const [year, month, day, hour = 0, minute = 0, second = 0, nanoseconds = 0] = parts as number[];
    return this.#inZone(utc(year, month, day, hour, minute, second, Math.floor(nanoseconds / 1_000_000)));
  }

  /** Epoch ms of a local time that is given as if it were UTC. In the hour that comes twice, the first is taken. */
  #inZone(local: number): number {
    if (!Number.isFinite(local)) return Number.NaN;
    const quarter = Math.floor(local / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      const earlier = this.#offsetAt(local - DAY);
      offset =
        this.#offsetAt(local - earlier) === earlier ? earlier : this.#offsetAt(local - this.#offsetAt(local + DAY));
      this.#offsets.set(quarter, offset);
    }
    return local - offset;
  }

  /** Local time minus UTC, in milliseconds, at a time in UTC. */
  #offsetAt(time: number): number {
    const date = new Date(time);
    if (this.#format === undefined) return -date.getTimezoneOffset() * 60_000;
    const parts = Object.fromEntries(this.#format.formatToParts(date).map(({ type, value }) => [type, value]));
    const local = utc(parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, 0);
    return local - Math.floor(time / 1000) * 1000;
  }

  get timezone(): string {
    return this.#timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?(?:\[[^\]]*\])?$/i;
const QUARTER = 15 * 60_000;
const DAY = 24 * 3_600_000;
/** End of the year 9999: later years have more digits, and texts of times would not compare any more. */
const MAX_TIME = Date.UTC(9999, 11, 31);

type Part = string | number | undefined;

const utc = (year: Part, month: Part, day: Part, hour: Part, minute: Part, second: Part, ms: number): number =>
  Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms);

/** Seconds, milliseconds, microseconds or nanoseconds, told apart by their size: all of them within a few centuries. */
const fromEpoch = (value: number): number => {
  if (value < 1e11) return Math.floor(value * 1000);
  if (value < 1e14) return Math.floor(value);
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6);
};
