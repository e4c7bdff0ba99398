import { SYSTEM } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { addAgent } from './add-agent.ts';
import { openSession } from './agent-sessions.ts';
import type { SignedIn } from './sign-in.ts';

/** Whether nobody can sign in yet. */
export const needsSetUp = async (chat: Pick<Chat, 'store'>): Promise<boolean> =>
  !(await chat.store.entries('credential')).some(({ passwordHash }) => passwordHash !== undefined);

/** Makes the first admin and signs them in. Rejects with `not_found` once there is anybody who can sign in. */
export const setUp = async (
  chat: Chat,
  input: { readonly email: string; readonly name: string; readonly password: string },
  client?: string,
): Promise<SignedIn> => {
  if (!(await needsSetUp(chat))) throw new GuichetError('not_found');
  const agent = await addAgent(chat, SYSTEM, { ...input, role: 'admin' });
  return { agent, token: await openSession(chat, agent, client) };
};
