import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { words } from '../words.ts';
import { examine, type Finding, type Findings, HOPS, type Hop, type Patient, untouched } from './examine.ts';
import { REMEDIES } from './remedies.ts';

/** Finds the hop between this screen and the disk that does not let messages through, and says what mends it. */
export const DoctorPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { doctor: text } = words.value;
  const findings = useSignal<Findings>(untouched);
  const busy = useSignal(false);
  const run = async (): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    await examine(patientOf(desk), (news) => {
      findings.value = news;
    });
    busy.value = false;
  };
  useEffect(() => void run(), []);
  const broken = HOPS.find((hop) => findings.value[hop].state === 'broken');
  const verdict = busy.value ? text.running : broken ? text.broken[broken] : text.well;
  return (
    <PageFrame id="doctor" title={text.title} lead={text.lead} busy={busy.value}>
      <p class={`verdict ${busy.value ? '' : broken ? 'bad' : 'good'}`} role="status">
        {verdict}
      </p>
      <ol class="hops">
        {HOPS.map((hop) => (
          <HopRow key={hop} hop={hop} finding={findings.value[hop]} />
        ))}
      </ol>
      {!busy.value && broken && <Remedy hop={broken} />}
      <button type="button" class="button" disabled={busy.value} onClick={() => void run()}>
        {text.again}
      </button>
    </PageFrame>
  );
};

const HopRow = ({ hop, finding }: { hop: Hop; finding: Finding }): JSX.Element => {
  const { doctor: text } = words.value;
  const { state, took, detail } = finding;
  return (
    <li class={`hop ${state}`} data-hop={hop}>
      <span class="lamp" aria-hidden="true" />
      <span class="hop-text">
        <strong>{text.hops[hop]}</strong>
        {detail && state === 'broken' && <small class="muted">{detail}</small>}
      </span>
      <span class="muted count">
        {text.states[state]}
        {state === 'well' && took !== undefined && ` · ${Math.round(took)} ms`}
      </span>
    </li>
  );
};

const Remedy = ({ hop }: { hop: Hop }): JSX.Element | null => {
  const { doctor: text } = words.value;
  const remedy = REMEDIES[hop];
  return (
    <div class="remedy">
      <p>{text.advice[hop]}</p>
      {remedy &&
        Object.entries(remedy).map(([proxy, lines]) => (
          <figure key={proxy}>
            <figcaption>{proxy}</figcaption>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways where it is narrow */}
            <pre tabIndex={0}>
              <code>{lines}</code>
            </pre>
          </figure>
        ))}
    </div>
  );
};

/** What is written for the test is an archived reply, which nobody is shown. */
const patientOf = (desk: Desk): Patient => ({
  url: `${location.origin}/api/v1`,
  write: async (mark) => {
    await desk.api.putCannedReply({ id: 'doctor', shortcut: mark, content: '', archived: true });
    const { writes, lastError } = await desk.api.storage();
    return { durable: writes === 'durable', ...(lastError !== null && { detail: lastError }) };
  },
  hold: async (seconds) => {
    const { cursor } = await desk.client.api.changes({});
    await desk.client.api.changes({ after: cursor, wait: seconds });
  },
});
