import type { JSX } from 'preact';
import { words } from '../words.ts';
import type { Sending } from './use-form.ts';

/** The foot of a form: the button, and what became of it. */
export const FormEnd = ({ sending, submit }: { sending: Sending; submit?: string | undefined }): JSX.Element => (
  <div class="form-end">
    <button type="submit" class="button primary" disabled={sending.busy.value}>
      {submit ?? words.value.save}
    </button>
    <p class={sending.problem.value ? 'problem' : 'muted'} role="status">
      {sending.problem.value || (sending.saved.value ? words.value.saved : '')}
    </p>
  </div>
);
