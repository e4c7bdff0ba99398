import { hashPassword, verifyPassword } from '../../lib/password-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { checkPassword } from '../model/person.ts';
import { endedSessions } from './agent-sessions.ts';
import { noteOf } from './audit-log.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly password: string;
  /** The session that asks: it goes on, all others of the agent end. */
  readonly token?: string | undefined;
}

/** Gives the caller a new password. Rejects with `invalid` when the current one is not right. */
export const changePassword = async (chat: Chat, actor: Actor, change: PasswordChange): Promise<void> => {
  authorize(actor, 'password.change');
  const credential = await chat.store.entry('credential', actor.id);
  const right = await verifyPassword(change.currentPassword.normalize('NFC'), credential?.passwordHash);
  if (!right) throw new GuichetError('invalid', 'The current password is not right.');
  const passwordHash = await hashPassword(checkPassword(change.password));
  await chat.log.commit({
    type: 'putEntries',
    mode: 'replace',
    entries: [
      { kind: 'credential', value: { ...credential, id: actor.id, passwordHash } },
      ...(await endedSessions(chat, actor.id, change.token)),
    ],
    audit: noteOf(actor, 'password.change', actor.id),
  });
};
