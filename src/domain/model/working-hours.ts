import type { WorkingHours } from '../../protocol/entities.ts';
import { GuichetError } from '../errors.ts';
import { instantOf, placeOf, wallClock } from './wall-clock.ts';

/** Throws `invalid` with a sentence for hours that are none. */
export const checkWorkingHours = (hours: WorkingHours): WorkingHours => {
  wallClock(hours.timezone);
  for (const day of hours.days) {
    let last = -1;
    for (const { from, to } of day) {
      if (minutesOf(from) <= last || minutesOf(to) <= minutesOf(from)) {
        throw new GuichetError('invalid', 'The times of a day follow one another, each from earlier to later.');
      }
      last = minutesOf(to);
    }
  }
  return hours;
};

/** Whether the counter is open at a time (epoch ms); without hours it always is. */
export const isOpen = (hours: WorkingHours | null, now: number): boolean => {
  if (hours === null) return true;
  const { day, minutes } = placeOf(hours.timezone, now);
  const times = hours.days[weekday(day)] ?? [];
  return times.some(({ from, to }) => minutesOf(from) <= minutes && minutes < minutesOf(to));
};

/** When it is open next, epoch ms; `null` while it is open, and when it never is. */
export const opensAt = (hours: WorkingHours | null, now: number): number | null => {
  if (hours === null || isOpen(hours, now)) return null;
  const { day: today } = placeOf(hours.timezone, now);
  // Eight days: of today's weekday what is over already may come again in a week.
  for (let day = today; day <= today + 7; day += 1) {
    for (const { from } of hours.days[weekday(day)] ?? []) {
      const at = instantOf(hours.timezone, day, minutesOf(from));
      if (at > now) return at;
    }
  }
  return null;
};

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Of a day counted from 1970-01-01, a Thursday; Monday is 0. */
const weekday = (day: number): number => (day + 3) % 7;
