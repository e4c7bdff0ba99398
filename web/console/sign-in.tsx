import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { asClientError } from '../../src/client/client-error.ts';
import type { DeskApi } from '../../src/client/index.ts';
import { AccountForm, Field } from './account-form.tsx';
import { say } from './security/say.ts';
import { words } from './words.ts';

interface SignInProps {
  api: DeskApi;
  /** Whether a session has just ended by itself. */
  ended: boolean;
  onDone: () => void;
}

export const SignIn = ({ api, ended, onDone }: SignInProps): JSX.Element => {
  const { signIn, unreachable } = words.value;
  const asksForCode = useSignal(false);
  const submit = async ({ email = '', password = '', code }: Record<string, string>): Promise<void> => {
    try {
      await api.signIn({ email, password, ...(code && { code }) });
    } catch (cause) {
      const { status, retry, code: reason } = asClientError(cause);
      if (reason === 'second_factor') {
        const wasAsked = asksForCode.value;
        asksForCode.value = true;
        throw new Error(wasAsked ? say.value.wrongCode : '', { cause });
      }
      const says = status === 429 ? signIn.slow : retry === 'never' ? signIn.wrong : unreachable;
      throw new Error(says, { cause });
    }
    onDone();
  };
  return (
    <AccountForm title={signIn.title} lead={ended ? signIn.ended : undefined} submit={signIn.submit} onSubmit={submit}>
      <Field name="email" label={signIn.email} type="email" autocomplete="username" focus />
      <Field name="password" label={signIn.password} type="password" autocomplete="current-password" />
      {asksForCode.value && <Field name="code" label={say.value.signInCode} autocomplete="one-time-code" focus />}
    </AccountForm>
  );
};
