import { forAgents } from '../../src/client/for-agents.ts';

/** How times are shown: short where they repeat, in full where somebody asks. All in the reader's own zone. */
export interface Times {
  /** 10:42 */
  clock(iso: string): string;
  /** Today, Yesterday, Monday 3 March, 3 March 2024. */
  day(iso: string): string;
  /** For lists: 10:42 of today, Mon of this week, 3 Mar, 03/03/2024. */
  brief(iso: string): string;
  /** For what is to come: 18:00 of today, Mon 09:00. */
  soon(iso: string): string;
  /** Monday, 3 March 2025 at 10:42 */
  full(iso: string): string;
  /** 3 March 2025 */
  date(iso: string): string;
  /** 5 minutes ago, yesterday, 3 weeks ago */
  ago(iso: string): string;
}

const DAY_MS = 86_400_000;
/** In seconds, longest first. */
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Two times are of the same day where the reader is. */
export const sameDay = (a: string, b: string): boolean => midnight(new Date(a)) === midnight(new Date(b));

export const createTimes = (
  locale: string,
  words: { today: string; yesterday: string },
  now: () => Date = () => new Date(),
): Times => {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, options);
    return (iso: string): string => (Number.isNaN(Date.parse(iso)) ? '' : formatter.format(new Date(iso)));
  };
  const clock = format({ hour: '2-digit', minute: '2-digit' });
  const weekday = format({ weekday: 'short' });
  const thisYear = format({ weekday: 'long', day: 'numeric', month: 'long' });
  const dayMonth = format({ day: 'numeric', month: 'short' });
  const date = format({ dateStyle: 'long' });
  const numbers = format({ dateStyle: 'short' });
  /** Rounded, because a day on which the clocks change is not 24 hours long. */
  const daysAgo = (iso: string): number => Math.round((midnight(now()) - midnight(new Date(iso))) / DAY_MS);
  const isThisYear = (iso: string): boolean => new Date(iso).getFullYear() === now().getFullYear();

  return {
    clock,
    date,
    ago: (iso) => {
      if (!forAgents) return '';
      const seconds = (Date.parse(iso) - now().getTime()) / 1000;
      if (Number.isNaN(seconds)) return '';
      const [unit, length] = UNITS.find(([, lasts]) => Math.abs(seconds) >= lasts) ?? UNITS.at(-1)!;
      return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(seconds / length), unit);
    },
    soon: (iso) => (daysAgo(iso) === 0 ? clock(iso) : `${weekday(iso)} ${clock(iso)}`),
    full: format({ dateStyle: 'full', timeStyle: 'short' }),
    day: (iso) => {
      const ago = daysAgo(iso);
      if (ago === 0) return words.today;
      if (ago === 1) return words.yesterday;
      return isThisYear(iso) ? thisYear(iso) : date(iso);
    },
    brief: (iso) => {
      const ago = daysAgo(iso);
      if (ago <= 0) return clock(iso);
      if (ago < 7) return weekday(iso);
      return isThisYear(iso) ? dayMonth(iso) : numbers(iso);
    },
  };
};
