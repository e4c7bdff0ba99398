import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Settings } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { Loading } from '../loading.tsx';
import { words } from '../words.ts';
import { FormEnd } from './form-end.tsx';
import { useSending } from './use-form.ts';

interface SettingsFormProps {
  desk: Desk;
  children: (settings: Settings, change: (part: Partial<Settings>) => void) => JSX.Element;
}

/** A part of the settings as a form. What a colleague saves meanwhile in another part stays. */
export const SettingsForm = ({ desk, children }: SettingsFormProps): JSX.Element => {
  const changed = useSignal<Partial<Settings>>({});
  const sending = useSending();
  const { value: known } = desk.catalogue.settings;
  if (known === undefined) return <Loading />;
  const settings = { ...known, ...changed.value };
  const mayChange = desk.me.role === 'admin';
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void sending
          .send(() => desk.api.putSettings(settings))
          .then((done) => {
            if (done) changed.value = {};
          });
      }}
    >
      {!mayChange && <p class="muted">{words.value.adminsOnly}</p>}
      <fieldset class="plain" disabled={!mayChange}>
        {children(settings, (part) => {
          changed.value = { ...changed.peek(), ...part };
        })}
        <FormEnd sending={sending} />
      </fieldset>
    </form>
  );
};
