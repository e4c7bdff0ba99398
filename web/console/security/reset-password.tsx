import type { JSX } from 'preact';
import { asClientError } from '../../../src/client/client-error.ts';
import { AccountForm, Field } from '../account-form.tsx';
import { words } from '../words.ts';
import { api, say } from './say.ts';

/** Choosing a password with the link of an admin. */
export const ResetPassword = ({ token, onDone }: { token: string; onDone: () => void }): JSX.Element => {
  const { reset: text, account } = say.value;
  const submit = async ({ password = '' }: Record<string, string>): Promise<void> => {
    try {
      await api.resetPassword({ token, password });
    } catch (cause) {
      const { status, retry, detail, title } = asClientError(cause);
      const says = status === 404 ? text.gone : retry === 'never' ? (detail ?? title) : words.value.unreachable;
      throw new Error(says, { cause });
    }
    onDone();
  };
  return (
    <AccountForm title={text.title} lead={text.lead} submit={text.submit} onSubmit={submit}>
      <Field
        name="password"
        label={account.next}
        type="password"
        autocomplete="new-password"
        minLength={10}
        hint={words.value.setUp.passwordHint}
        focus
      />
    </AccountForm>
  );
};
