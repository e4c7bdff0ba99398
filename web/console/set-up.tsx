import type { JSX } from 'preact';
import { asClientError } from '../../src/client/client-error.ts';
import type { DeskApi } from '../../src/client/index.ts';
import { AccountForm, Field } from './account-form.tsx';
import { words } from './words.ts';

interface SetUpProps {
  api: DeskApi;
  token: string;
  onDone: () => void;
}

/** The first account, by the link that the server's log shows at its first start. */
export const SetUp = ({ api, token, onDone }: SetUpProps): JSX.Element => {
  const { setUp, unreachable } = words.value;
  const submit = async ({ email = '', name = '', password = '' }: Record<string, string>): Promise<void> => {
    try {
      await api.setUp({ token, email, name, password });
    } catch (cause) {
      const { status, retry, detail, title } = asClientError(cause);
      const gone = status === 404 || status === 401 || status === 403;
      throw new Error(gone ? setUp.used : retry === 'never' ? (detail ?? title) : unreachable, { cause });
    }
    onDone();
  };
  return (
    <AccountForm title={setUp.title} lead={setUp.lead} submit={setUp.submit} onSubmit={submit}>
      <Field name="name" label={setUp.name} autocomplete="name" focus />
      <Field name="email" label={setUp.email} type="email" autocomplete="username" />
      <Field
        name="password"
        label={setUp.password}
        type="password"
        autocomplete="new-password"
        minLength={10}
        hint={setUp.passwordHint}
      />
    </AccountForm>
  );
};
