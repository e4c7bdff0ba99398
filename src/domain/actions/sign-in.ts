import { hashesWaiting, verifyPassword } from '../../lib/password-hash.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { Agent } from '../model/directory.ts';
import { openSession } from './agent-sessions.ts';
import { requireSecondFactor } from './second-factor.ts';

/** Sign-ins that may wait for their turn; each takes some 20 ms of one thread. */
const WAITING_MAX = 100;

export interface SignedIn {
  readonly agent: Agent;
  readonly token: string;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code; asked for only when the password was right. */
  readonly code?: string | undefined;
  /** What the browser calls itself. */
  readonly client?: string | undefined;
}

/**
 * Signs an agent in by e-mail and password. One answer, `unauthorized`, and one amount of work for everything that can
 * be wrong: unknown, inactive, no password, another password. Behind a right password: `second_factor` where there is one.
 * @param terms the key that second factors are sealed with, and what is asked before each code that is looked at
 */
export const signIn = async (
  chat: Chat,
  { email, password, code, client }: SignInInput,
  { key, attempt }: { readonly key: string; readonly attempt: (agentId: string) => void },
): Promise<SignedIn> => {
  if (hashesWaiting() >= WAITING_MAX) throw new GuichetError('overloaded', 'Too many are signing in. Try again.');
  const agent = await chat.store.agentByEmail(email.trim().toLowerCase());
  const credential = agent?.active ? await chat.store.entry('credential', agent.id) : undefined;
  const right = await verifyPassword(password.normalize('NFC'), credential?.passwordHash);
  if (!right || agent === undefined) {
    throw new GuichetError('unauthorized', 'The e-mail address or the password is not right.');
  }
  await requireSecondFactor(chat, agent.id, code, key, () => attempt(agent.id));
  return { agent, token: await openSession(chat, agent, client) };
};
