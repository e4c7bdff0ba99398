import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from './desk.ts';
import { FormEnd } from './settings/form-end.tsx';
import { useSending } from './settings/use-form.ts';
import type { Conversation } from './types.ts';
import { words } from './words.ts';

interface ContactFormProps {
  desk: Desk;
  contact: NonNullable<Conversation['contact']>;
  onClose: () => void;
}

/** Corrects who a visitor is. It comes back by the feed, here as to everybody else. */
export const ContactForm = ({ desk, contact, onClose }: ContactFormProps): JSX.Element => {
  const { fields, cancel } = words.value;
  const sending = useSending();
  const name = useRef<HTMLInputElement>(null);
  const email = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.select(), []);
  const save = async (): Promise<void> => {
    const said = { name: name.current!.value || null, email: email.current!.value || null };
    if (await sending.send(() => desk.api.patchContact(contact.id, said))) onClose();
  };
  return (
    <form
      class="contact-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
    >
      <label class="field">
        <span>{fields.name}</span>
        <input class="input" ref={name} defaultValue={contact.name ?? ''} maxLength={200} autocomplete="off" />
      </label>
      <label class="field">
        <span>{fields.email}</span>
        <input
          class="input"
          type="email"
          ref={email}
          defaultValue={contact.email ?? ''}
          maxLength={254}
          autocomplete="off"
        />
      </label>
      <div class="contact-end">
        <FormEnd sending={sending} />
        <button type="button" class="button" onClick={onClose}>
          {cancel}
        </button>
      </div>
    </form>
  );
};
