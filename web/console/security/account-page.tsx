import type { JSX } from 'preact';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { FormEnd } from '../settings/form-end.tsx';
import { useSending } from '../settings/use-form.ts';
import { ApiKeys } from './api-keys.tsx';
import { api, say } from './say.ts';
import { SecondFactor } from './second-factor.tsx';
import { onSend, SecretField, Section } from './section.tsx';
import { Sessions } from './sessions.tsx';

/** What belongs to the agent who sits here: password, sign-ins, second factor, keys of programs. */
export const AccountPage = ({ desk }: { desk: Desk }): JSX.Element => (
  <PageFrame id="account" title={say.value.account.title}>
    <Password />
    <SecondFactor />
    <Sessions />
    <ApiKeys isAdmin={desk.me.role === 'admin'} />
  </PageFrame>
);

const Password = (): JSX.Element => {
  const { account: text } = say.value;
  const sending = useSending();
  const change = onSend(({ currentPassword = '', password = '' }, form) => {
    void sending
      .send(() => api.changePassword({ currentPassword, password }))
      .then((done) => {
        if (done) form.reset();
      });
  });
  return (
    <Section title={text.password}>
      <form class="plain" onSubmit={change}>
        <SecretField name="currentPassword" label={text.current} autocomplete="current-password" />
        <SecretField name="password" label={text.next} autocomplete="new-password" minLength={10} />
        <FormEnd sending={sending} submit={text.change} />
      </form>
    </Section>
  );
};
