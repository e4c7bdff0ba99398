import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Statistics } from '../../src/protocol/entities.ts';
import type { Desk } from './desk.ts';
import { Loading } from './loading.tsx';
import { PageFrame } from './page-frame.tsx';
import { common, preferences, words } from './words.ts';

const DAYS = [7, 14, 30, 90] as const;

/** The agent's own: a day is what it is on the clock of whoever reads. */
const timezone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What is open and waits, how fast the first answer comes, what visitors thought: as plain small charts. */
export const StatisticsPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { statistics: text, loadFailed } = words.value;
  const days = useSignal<number>(14);
  const found = useSignal<Statistics | 'failed' | undefined>(undefined);
  const load = async (): Promise<void> => {
    const { value: asked } = days;
    const answer = await desk.api.statistics(asked, timezone()).catch(() => 'failed' as const);
    // Another number of days may have been chosen since.
    if (days.value === asked) found.value = answer;
  };
  useEffect(() => void load(), [days.value]);
  return (
    <PageFrame id="statistics" title={text.title} busy={found.value === undefined}>
      <div class="tabs">
        {DAYS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={days.value === each}
            onClick={() => {
              days.value = each;
            }}
          >
            {text.days(each)}
          </button>
        ))}
      </div>
      {found.value === undefined && <Loading />}
      {found.value === 'failed' && (
        <p class="problem" role="alert">
          {loadFailed}{' '}
          <button type="button" class="link" onClick={() => void load()}>
            {common.value.retry}
          </button>
        </p>
      )}
      {typeof found.value === 'object' && <Report found={found.value} />}
    </PageFrame>
  );
};

const Report = ({ found }: { found: Statistics }): JSX.Element => {
  const { statistics: text, scoreOf } = words.value;
  const { open, waiting, started, firstAnswer, ratings, lookedAt } = found;
  const day = new Intl.DateTimeFormat(preferences.locale(), { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(preferences.locale(), { maximumFractionDigits: 1 });
  const counted = ({ count, atLeast }: Statistics['open']): string => `${number.format(count)}${atLeast ? '+' : ''}`;
  return (
    <>
      <dl class="figures">
        <Figure name={text.open} value={counted(open)} />
        <Figure name={text.waiting} value={counted(waiting)} />
        <Figure name={text.firstAnswer} value={lengthOf(firstAnswer.medianSeconds)} />
        <Figure
          name={text.rating}
          value={ratings.average === null ? text.none : text.outOf(number.format(ratings.average), ratings.count)}
        />
      </dl>
      <Bars
        title={text.started}
        bars={started.map(({ day: at, count }) => ({ name: day.format(new Date(at)), count }))}
      />
      <Bars
        title={text.answers}
        bars={firstAnswer.groups.map(({ upToSeconds, count }) => ({
          name: upToSeconds === null ? text.longer : text.upTo(lengthOf(upToSeconds)),
          count,
        }))}
      />
      <Bars title={text.ratings} bars={ratings.byScore.map((count, i) => ({ name: scoreOf(i + 1), count }))} />
      {lookedAt.atLeast && <p class="muted">{text.lookedAt(lookedAt.count)}</p>}
    </>
  );
};

const Figure = ({ name, value }: { name: string; value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd class="count">{value}</dd>
  </div>
);

/** Lying bars: their names can be as long as they are, and the numbers stand in a column. */
const Bars = ({ title, bars }: { title: string; bars: readonly { name: string; count: number }[] }): JSX.Element => {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ul>
        {bars.map(({ name, count }) => (
          <li key={name}>
            <span>{name}</span>
            <span class="bar" aria-hidden="true">
              <i style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span class="count">{count}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
};

/** A length of time in the one unit that says most of it. */
const lengthOf = (seconds: number | null): string => {
  if (seconds === null) return words.value.statistics.none;
  const [unit, length] =
    seconds < 60
      ? (['second', 1] as const)
      : seconds < 3_600
        ? (['minute', 60] as const)
        : seconds < 86_400
          ? (['hour', 3_600] as const)
          : (['day', 86_400] as const);
  const format = new Intl.NumberFormat(preferences.locale(), {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 0,
  });
  return format.format(seconds / length);
};
