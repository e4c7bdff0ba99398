import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ring } from './alerts.ts';
import { PageFrame } from './page-frame.tsx';
import { preferences, words } from './words.ts';

/** What an agent chooses for themselves, on this browser: sound, notifications, letters as commands. */
export const PreferencesPage = (): JSX.Element => {
  const { prefs, keys } = words.value;
  const refused = useSignal(globalThis.Notification?.permission === 'denied');
  const askToNotify = async (wanted: boolean): Promise<void> => {
    preferences.notify.value = wanted;
    if (!wanted || globalThis.Notification === undefined) return;
    const answer = await Notification.requestPermission();
    refused.value = answer === 'denied';
    if (answer !== 'granted') preferences.notify.value = false;
  };
  return (
    <PageFrame id="preferences" title={prefs.title} lead={prefs.lead}>
      <div class="form">
        <Switch
          label={prefs.sound}
          choice={preferences.sound}
          onChange={(on) => {
            preferences.sound.value = on;
            if (on) void ring();
          }}
        />
        <Switch label={prefs.notify} choice={preferences.notify} onChange={(on) => void askToNotify(on)} />
        {refused.value && (
          <p class="problem" role="status">
            {prefs.notifyRefused}
          </p>
        )}
        <Switch
          label={keys.enabled}
          choice={preferences.keys}
          onChange={(on) => {
            preferences.keys.value = on;
          }}
        />
      </div>
    </PageFrame>
  );
};

const Switch = ({
  label,
  choice,
  onChange,
}: {
  label: string;
  choice: Signal<boolean>;
  onChange: (on: boolean) => void;
}): JSX.Element => (
  <label class="check">
    <input type="checkbox" checked={choice.value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
    <span>{label}</span>
  </label>
);
