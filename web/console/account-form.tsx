import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { Mark } from '../shared/icons.tsx';
import { LanguageLinks } from '../shared/language-links.tsx';
import { preferences } from './words.ts';

export interface AccountFormProps {
  title: string;
  lead?: string | undefined;
  submit: string;
  /** The form's values; throws with what is to be said when it did not work. */
  onSubmit: (values: Record<string, string>) => Promise<void>;
  children: ComponentChildren;
}

/** The frame of signing in and of setting up: a small form on the paper. */
export const AccountForm = ({ title, lead, submit, onSubmit, children }: AccountFormProps): JSX.Element => {
  const error = useSignal('');
  const busy = useSignal(false);
  const send = async (form: HTMLFormElement): Promise<void> => {
    busy.value = true;
    error.value = '';
    try {
      const values = Object.fromEntries(new FormData(form)) as Record<string, string>;
      await onSubmit(values);
    } catch (cause) {
      error.value = (cause as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <main class="threshold">
      <form
        class="account"
        onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}
      >
        <p class="brand">
          <Mark size={26} /> Guichet
        </p>
        <h1>{title}</h1>
        {lead && <p class="muted">{lead}</p>}
        {children}
        <p class="problem" role="alert">
          {error.value}
        </p>
        <button type="submit" class="button primary" disabled={busy.value}>
          {submit}
        </button>
      </form>
      <LanguageLinks language={preferences.language} />
    </main>
  );
};

interface FieldProps {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  autocomplete: 'name' | 'username' | 'current-password' | 'new-password' | 'one-time-code';
  hint?: string;
  minLength?: number;
  focus?: boolean;
}

export const Field = ({
  name,
  label,
  type = 'text',
  autocomplete,
  hint,
  minLength,
  focus = false,
}: FieldProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <input
      class="input"
      name={name}
      // The types of Preact split inputs by type; ours all take text.
      type={type as 'text'}
      autocomplete={autocomplete}
      required
      {...(minLength === undefined ? {} : { minLength })}
      maxLength={254}
      // The first field of a page that holds nothing but this form.
      autofocus={focus}
    />
    {hint && <small class="muted">{hint}</small>}
  </label>
);
