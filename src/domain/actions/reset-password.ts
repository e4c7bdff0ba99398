import { randomBytes } from 'node:crypto';
import { Mutex } from '../../lib/mutex.ts';
import { hashPassword } from '../../lib/password-hash.ts';
import { isSecretOf, secretHash } from '../../lib/secret-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { checkPassword } from '../model/person.ts';
import { endedSessions } from './agent-sessions.ts';
import { noteOf } from './audit-log.ts';

const LINK_HOURS = 24;
const TOKEN_BYTES = 32;

/** A token with which an agent may choose a password, once, within a day. A new one takes the place of the former. */
export const makeResetToken = async (
  chat: Chat,
  actor: Actor,
  agentId: string,
): Promise<{ token: string; expiresAt: string }> => {
  authorize(actor, 'agents.manage');
  const agent = await chat.store.entry('agent', agentId);
  if (agent === undefined) throw new GuichetError('not_found');
  if (!agent.active || agent.email === null) {
    throw new GuichetError('invalid', 'An agent who can sign in is active and has an e-mail address.');
  }
  const secret = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(Date.now() + LINK_HOURS * 60 * 60 * 1000).toISOString();
  const known = await chat.store.entry('credential', agentId);
  await chat.log.commit({
    type: 'putEntries',
    mode: 'replace',
    entries: [{ kind: 'credential', value: { ...known, id: agentId, reset: { hash: secretHash(secret), expiresAt } } }],
    audit: noteOf(actor, 'password.resetLink', agentId),
  });
  return { token: `${Buffer.from(agentId).toString('base64url')}.${secret}`, expiresAt };
};

/** One at a time: of two uses at once one succeeds. */
const turn = new Mutex();

/** Chooses a password with the token of a link. Everything that can be wrong with the token is `not_found`. */
export const resetPassword = (chat: Chat, token: string, password: string): Promise<void> =>
  turn.run(async () => {
    const [of = '', secret = ''] = token.split('.');
    const id = Buffer.from(of, 'base64url').toString();
    const agent = await chat.store.entry('agent', id);
    const credential = await chat.store.entry('credential', id);
    const reset = credential?.reset;
    const isRight = reset !== undefined && isSecretOf(secret, reset.hash) && Date.parse(reset.expiresAt) > Date.now();
    if (!isRight || !agent?.active) throw new GuichetError('not_found');
    const passwordHash = await hashPassword(checkPassword(password));
    const { reset: _, ...kept } = credential!;
    await chat.log.commit({
      type: 'putEntries',
      mode: 'replace',
      entries: [{ kind: 'credential', value: { ...kept, passwordHash } }, ...(await endedSessions(chat, id))],
      audit: { by: { type: 'agent', id }, action: 'password.reset', about: id },
    });
  });
