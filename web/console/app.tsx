import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import {
  backoffMs,
  connectApi,
  connectDeskApi,
  type OutboxStorage,
  openOutboxStorage,
} from '../../src/client/index.ts';
import { type AgentMe, type Desk, openDesk } from './desk.ts';
import { DeskView } from './desk-view.tsx';
import { clearHash, resetToken, setUpToken } from './route.ts';
import { ResetPassword } from './security/reset-password.tsx';
import { SetUp } from './set-up.tsx';
import { SignIn } from './sign-in.tsx';
import { words } from './words.ts';

type Phase =
  | { name: 'starting' | 'unreachable' }
  | { name: 'setUp'; token: string }
  | { name: 'reset'; token: string }
  | { name: 'signIn'; ended: boolean }
  | { name: 'desk'; desk: Desk };

const phase = signal<Phase>({ name: 'starting' });
const api = connectDeskApi('');
const { me: whoSitsHere } = connectApi('');
let storage: OutboxStorage;

/** Finds out who sits here, as often as it takes. */
const enter = async (): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      const me = await whoSitsHere();
      if (me.type === 'agent') return sit(me);
      throw new Error('The cookie is a visitor’s.');
    } catch (error) {
      if ((error as { code?: string }).code === 'unauthorized') {
        phase.value = { name: 'signIn', ended: false };
        return;
      }
      phase.value = { name: 'unreachable' };
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)));
    }
  }
};

const sit = (me: AgentMe): void => {
  const desk = openDesk(me, storage, () => leave(desk, true));
  phase.value = { name: 'desk', desk };
};

const leave = (desk: Desk, ended: boolean): void => {
  desk.close();
  phase.value = { name: 'signIn', ended };
};

const signOut = async (desk: Desk): Promise<void> => {
  await api.signOut().catch(() => {});
  clearHash();
  leave(desk, false);
};

const start = async (): Promise<void> => {
  storage = await openOutboxStorage();
  const [token, reset] = [setUpToken(), resetToken()];
  if (token === undefined && reset === undefined) return enter();
  clearHash();
  phase.value = reset === undefined ? { name: 'setUp', token: token! } : { name: 'reset', token: reset };
};

export const App = (): JSX.Element => {
  useEffect(() => {
    void start();
  }, []);
  const { value: now } = phase;
  switch (now.name) {
    case 'setUp':
      return <SetUp api={api} token={now.token} onDone={() => void enter()} />;
    case 'reset':
      return <ResetPassword token={now.token} onDone={() => void enter()} />;
    case 'signIn':
      return <SignIn api={api} ended={now.ended} onDone={() => void enter()} />;
    case 'desk':
      return <DeskView desk={now.desk} onSignOut={() => void signOut(now.desk)} />;
    default:
      return (
        <main class="threshold" aria-busy="true">
          <p class="muted late" role="status">
            {now.name === 'unreachable' ? words.value.unreachable : ''}
          </p>
        </main>
      );
  }
};
