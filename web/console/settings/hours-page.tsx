import type { JSX } from 'preact';
import type { WorkingHours } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { preferences, words } from '../words.ts';
import { SettingsForm } from './settings-form.tsx';

const WORKDAY = [{ from: '09:00', to: '18:00' }];
/** A Monday, from which the names of the days are taken. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const TIMES_MAX = 4;

/** When the counter is open, and who gets a conversation that nobody has. */
export const HoursPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { hoursPage: text } = words.value;
  return (
    <PageFrame id="hours" title={text.title} lead={text.lead}>
      <SettingsForm desk={desk}>
        {(settings, change) => (
          <>
            <label class="check">
              <input
                type="checkbox"
                checked={settings.autoAssign}
                onChange={({ currentTarget }) => change({ autoAssign: currentTarget.checked })}
              />
              <span>
                {text.autoAssign}
                <small class="muted">{text.autoAssignHint}</small>
              </span>
            </label>
            <label class="check">
              <input
                type="checkbox"
                checked={settings.workingHours !== null}
                onChange={({ currentTarget }) => change({ workingHours: currentTarget.checked ? usualHours() : null })}
              />
              <span>{text.keep}</span>
            </label>
            {settings.workingHours && (
              <Hours hours={settings.workingHours} onChange={(workingHours) => change({ workingHours })} />
            )}
          </>
        )}
      </SettingsForm>
    </PageFrame>
  );
};

const usualHours = (): WorkingHours => ({
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  days: [WORKDAY, WORKDAY, WORKDAY, WORKDAY, WORKDAY, [], []],
});

interface HoursProps {
  hours: WorkingHours;
  onChange: (hours: WorkingHours) => void;
}

const Hours = ({ hours, onChange }: HoursProps): JSX.Element => {
  const { hoursPage: text } = words.value;
  const zones = Intl.supportedValuesOf?.('timeZone') ?? [];
  const names = new Intl.DateTimeFormat(preferences.locale(), { weekday: 'long', timeZone: 'UTC' });
  const setDay = (day: number, times: WorkingHours['days'][number]): void =>
    onChange({ ...hours, days: hours.days.with(day, times) });
  return (
    <>
      <label class="field">
        <span>{text.timezone}</span>
        <input
          class="input"
          list="zones"
          required
          value={hours.timezone}
          onInput={({ currentTarget }) => onChange({ ...hours, timezone: currentTarget.value })}
        />
        <datalist id="zones">
          {zones.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </label>
      <div class="days">
        {hours.days.map((times, day) => {
          const name = names.format(MONDAY + day * DAY_MS);
          return (
            <fieldset key={day} class="day-row">
              <legend>{name}</legend>
              {times.length === 0 && <span class="muted">{text.closed}</span>}
              {times.map((time, i) => (
                <span key={i} class="day-time">
                  {(['from', 'to'] as const).map((end) => (
                    <input
                      key={end}
                      type="time"
                      class="input"
                      required
                      aria-label={`${name}, ${text[end]}`}
                      value={time[end]}
                      onInput={({ currentTarget }) =>
                        setDay(day, times.with(i, { ...time, [end]: currentTarget.value }))
                      }
                    />
                  ))}
                  <button
                    type="button"
                    class="link"
                    aria-label={`${text.remove}: ${name} ${time.from}`}
                    onClick={() => setDay(day, times.toSpliced(i, 1))}
                  >
                    {text.remove}
                  </button>
                </span>
              ))}
              {times.length < TIMES_MAX && (
                <button
                  type="button"
                  class="link"
                  aria-label={`${text.add}: ${name}`}
                  onClick={() => setDay(day, [...times, times.length === 0 ? WORKDAY[0]! : { from: '', to: '' }])}
                >
                  {text.add}
                </button>
              )}
            </fieldset>
          );
        })}
      </div>
    </>
  );
};
