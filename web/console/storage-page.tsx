import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { BackIcon } from '../shared/icons.tsx';
import type { Desk } from './desk.ts';
import { LIST } from './route.ts';
import type { StorageReport } from './types.ts';
import { times, words } from './words.ts';

type Tier = StorageReport['tiers'][number];

const LOOK_EVERY_MS = 2_000;

/** How the storage is: its stores as a picture, best first, who commits, what each lacks, and what to do about it. */
export const StoragePage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { storagePage: text, back } = words.value;
  const { value: report } = desk.storage;
  useEffect(() => {
    void desk.lookAtStorage();
    const interval = setInterval(() => {
      if (document.visibilityState === 'visible') void desk.lookAtStorage();
    }, LOOK_EVERY_MS);
    return () => clearInterval(interval);
  }, []);
  return (
    <section class="page" aria-labelledby="storage-title" aria-busy={report === undefined}>
      <div class="page-head">
        <a class="icon-button" href={LIST} aria-label={back} title={back}>
          <BackIcon />
        </a>
        <h2 id="storage-title">{text.title}</h2>
      </div>
      {report === 'unavailable' && (
        <p class="verdict bad" role="status">
          {text.verdicts.unreachable}
        </p>
      )}
      {report !== undefined && report !== 'unavailable' && <Report report={report} />}
    </section>
  );
};

const Report = ({ report }: { report: StorageReport }): JSX.Element => {
  const { storagePage: text } = words.value;
  const { value: clock } = times;
  const head = Math.max(...report.tiers.map(({ position, lag }) => position + lag));
  const when = (at: string | undefined): string => (at === undefined ? text.never : clock.full(at));
  return (
    <>
      <p class={`verdict ${toneOf(report)}`} role="status">
        {text.verdicts[verdictOf(report)]}
      </p>
      <ol class="tiers" aria-label={text.order}>
        {report.tiers.map((tier) => (
          <TierView key={tier.name} tier={tier} head={head} commits={tier.name === report.committing} />
        ))}
      </ol>
      <dl class="facts">
        <Fact name={text.facts.writes}>{text.writes[report.writes]}</Fact>
        <Fact name={text.facts.unsaved}>
          {report.unsavedSince === null ? text.nothingUnsaved : text.since(clock.full(report.unsavedSince))}
        </Fact>
        <Fact name={text.facts.snapshot}>{when(report.lastSnapshot?.at)}</Fact>
        <Fact name={text.facts.backup}>{when(report.lastVerifiedBackup?.at)}</Fact>
      </dl>
    </>
  );
};

const TierView = ({ tier, head, commits }: { tier: Tier; head: number; commits: boolean }): JSX.Element => {
  const { storagePage: text } = words.value;
  const { value: clock } = times;
  const { name, state, since, lag, lastError } = tier;
  const advice = adviceFor(tier);
  return (
    <li class={`tier ${state}`}>
      <div class="tier-head">
        <span class="lamp" aria-hidden="true" />
        <strong class="tier-name">{name}</strong>
        {commits && <span class="tier-commits">{text.commits}</span>}
      </div>
      <p class="tier-state">
        {text.states[state]}{' '}
        <time class="muted" dateTime={since} title={clock.full(since)}>
          {text.since(clock.soon(since))}
        </time>
      </p>
      {lag > 0 && (
        <p class="tier-lag">
          <progress value={head - lag} max={head} aria-label={text.filled} />
          {text.lag(lag)}
        </p>
      )}
      {lastError && <p class="tier-error">{lastError}</p>}
      {advice !== undefined && <p class="muted">{text.advice[advice]}</p>}
    </li>
  );
};

const Fact = ({ name, children }: { name: string; children: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const toneOf = ({ degraded, writes, complete }: StorageReport): 'good' | 'warn' | 'bad' => {
  if (writes === 'none' || !complete) return 'bad';
  return degraded || writes === 'volatile' ? 'warn' : 'good';
};

const verdictOf = ({ degraded, writes, complete, tiers }: StorageReport) => {
  if (!complete) return 'incomplete';
  if (writes === 'none') return 'refused';
  // Memory alone is what its owner asked for; memory in the place of a store is not.
  if (writes === 'volatile') return tiers.some(({ kind }) => kind !== 'memory') ? 'volatile' : 'memoryOnly';
  return degraded ? 'degraded' : 'well';
};

const adviceFor = ({ state, kind }: Tier): 'downFile' | 'downServer' | 'behind' | 'standby' | undefined => {
  if (state === 'member') return undefined;
  if (state !== 'down') return state;
  return kind === 'file' || kind === 'sqlite' ? 'downFile' : 'downServer';
};
