import type { TimeOfDay } from '../config/values.ts';

/** A moment as the clock on a wall shows it: `2025-01-06` and `08:00`. */
interface WallTime {
  readonly date: string;
  readonly time: string;
}

/** @param zone an IANA name */
const wallTime = (now: number, zone: string): WallTime => {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  }).formatToParts(now);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return { date: `${of('year')}-${of('month')}-${of('day')}`, time: `${of('hour')}:${of('minute')}` };
};

const dayBefore = (date: string): string => new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);

/**
 * The day whose backup was due last: today's once the time has come, else yesterday's. By the wall clock, so that a
 * change to summer time neither skips a day nor makes two.
 */
export const dayDue = (now: number, at: TimeOfDay, zone: string): string => {
  const { date, time } = wallTime(now, zone);
  return time >= written(at) ? date : dayBefore(date);
};

/** Whether a log that began at `bornAt` (epoch ms) was there when the backup of a day was due. */
export const wasThere = (bornAt: number, day: string, at: TimeOfDay, zone: string): boolean => {
  const { date, time } = wallTime(bornAt, zone);
  return `${date} ${time}` < `${day} ${written(at)}`;
};

const written = ({ hour, minute }: TimeOfDay): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
