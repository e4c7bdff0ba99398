import { GuichetError } from '../errors.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Throws `invalid` with a sentence for a zone that is none. */
export const wallClock = (timezone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timezone);
  if (known !== undefined) return known;
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  try {
    const clock = new Intl.DateTimeFormat('en-US', { timeZone: timezone, hourCycle: 'h23', ...parts });
    clocks.set(timezone, clock);
    return clock;
  } catch (cause) {
    throw new GuichetError('invalid', `There is no time zone ${JSON.stringify(timezone)}.`, { cause });
  }
};

/** What clocks in the zone show: days since 1970-01-01 of their calendar, and minutes since their midnight. */
export const placeOf = (timezone: string, time: number): { day: number; minutes: number } => {
  const shown = Object.fromEntries(
    wallClock(timezone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = shown;
  return { day: Date.UTC(year, month - 1, day) / DAY_MS, minutes: hour * 60 + minute };
};

/** When clocks in the zone show this. A time that a change of clocks leaves out is taken as that much later. */
export const instantOf = (timezone: string, day: number, minutes: number): number => {
  const wanted = day * DAY_MS + minutes * MINUTE_MS;
  const offsetAt = (time: number): number => {
    const place = placeOf(timezone, time);
    return place.day * DAY_MS + place.minutes * MINUTE_MS - Math.floor(time / MINUTE_MS) * MINUTE_MS;
  };
  const near = wanted - offsetAt(wanted);
  return wanted - offsetAt(near);
};

/** A day counted from 1970-01-01 as its date: 2026-01-31. */
export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
