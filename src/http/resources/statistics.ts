import Type from 'typebox';
import { currentSettings } from '../../domain/actions/change-settings.ts';
import { wallClock } from '../../domain/model/wall-clock.ts';
import { DeskStatistics } from '../../domain/statistics.ts';
import type { Store } from '../../domain/store.ts';
import { Statistics } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const DAYS_DEFAULT = 14;
const DAYS_MAX = 90;
/** However many look, the work is done once in this long. */
const KEPT_MS = 30_000;

interface Kept {
  readonly statistics: DeskStatistics;
  /** By days and zone. */
  readonly answers: Map<string, { readonly until: number; readonly answer: Promise<Statistics> }>;
}
const kept = new WeakMap<Store, Kept>();

export const getStatistics = operation({
  summary: 'How the desk does: what is open and waits, first answers, ratings; up to 30 seconds old',
  query: closed({
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: DAYS_MAX, description: `default ${DAYS_DEFAULT}, at most ${DAYS_MAX}` }),
    ),
    timezone: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'whose days, as Europe/Paris; default: that of the working hours, else UTC',
      }),
    ),
  }),
  answers: { 200: Statistics },
  async run({ query, running: { chat } }) {
    const { days = DAYS_DEFAULT } = query;
    const timezone = query.timezone ?? (await currentSettings(chat)).workingHours?.timezone ?? 'UTC';
    wallClock(timezone);
    return ok(await statisticsOf(chat.store, days, timezone));
  },
});

const statisticsOf = (store: Store, days: number, timezone: string): Promise<Statistics> => {
  const { statistics, answers } = kept.get(store) ?? { statistics: new DeskStatistics(store), answers: new Map() };
  kept.set(store, { statistics, answers });
  const now = Date.now();
  for (const [key, { until }] of answers) if (until <= now) answers.delete(key);
  const key = `${days} ${timezone}`;
  const held = answers.get(key);
  if (held !== undefined) return held.answer;
  const answer = statistics.of(days, timezone, now);
  answers.set(key, { until: now + KEPT_MS, answer });
  // A failure is answered to those who wait for it, and to nobody after them.
  answer.catch(() => answers.delete(key));
  return answer;
};
