import { Mutex } from '../../lib/mutex.ts';
import { codeUri, newCodeSecret, newRecoveryCodes, normalRecoveryCode, stepOfCode } from '../../lib/one-time-codes.ts';
import { verifyPassword } from '../../lib/password-hash.ts';
import { seal, unseal } from '../../lib/seal.ts';
import { secretHash } from '../../lib/secret-hash.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import type { AuditAction } from '../model/audit.ts';
import type { Credential, SecondFactor } from '../model/directory.ts';
import { noteOf } from './audit-log.ts';

/** Codes are looked at one at a time: two sign-ins with one code would both find it unused. */
const turn = new Mutex();

/** How the caller's second factor stands. */
export const secondFactorState = async (
  chat: Chat,
  actor: Actor,
): Promise<{ enabled: boolean; recoveryCodesLeft: number }> => {
  const { secondFactor } = await ownCredential(chat, actor);
  const enabled = secondFactor?.confirmed === true;
  return { enabled, recoveryCodesLeft: enabled ? secondFactor.recovery.length : 0 };
};

/** Begins: the secret for an authenticator app, told this once. It counts from the first right code on. */
export const beginSecondFactor = async (
  chat: Chat,
  actor: Actor,
  password: string,
  { key, issuer }: { readonly key: string; readonly issuer: string },
): Promise<{ secret: string; uri: string }> => {
  const credential = await ownCredential(chat, actor);
  await requirePassword(credential, password);
  if (credential.secondFactor?.confirmed) throw new GuichetError('invalid', 'The second factor is on already.');
  const secret = await newCodeSecret();
  const secondFactor = { sealed: seal(secret, key), confirmed: false, lastStep: 0, recovery: [] };
  await put(chat, { ...credential, secondFactor });
  const agent = await chat.store.entry('agent', actor.id);
  return { secret, uri: await codeUri(secret, issuer, agent?.email ?? actor.id) };
};

/** Switches it on with a first right code; answers the recovery codes, told this once. */
export const confirmSecondFactor = (chat: Chat, actor: Actor, code: string, key: string): Promise<string[]> =>
  turn.run(async () => {
    const credential = await ownCredential(chat, actor);
    const { secondFactor } = credential;
    if (secondFactor === undefined || secondFactor.confirmed) {
      throw new GuichetError('invalid', 'Begin the second factor first.');
    }
    const lastStep = await stepOf(secondFactor, code, key);
    if (lastStep === undefined) throw new GuichetError('invalid', 'The code is not right. Is the clock of the app?');
    const codes = newRecoveryCodes();
    const recovery = codes.map((one) => secretHash(normalRecoveryCode(one)));
    const confirmed = { ...secondFactor, confirmed: true, lastStep, recovery };
    await put(chat, { ...credential, secondFactor: confirmed }, { actor, action: 'twoFactor.on' });
    return codes;
  });

/** Switches the caller's own off. */
export const endSecondFactor = async (chat: Chat, actor: Actor, password: string): Promise<void> => {
  const credential = await ownCredential(chat, actor);
  await requirePassword(credential, password);
  await without(chat, actor, credential);
};

/** Switches another's off, for the day the app and the recovery codes are lost. */
export const removeSecondFactor = async (chat: Chat, actor: Actor, agentId: string): Promise<void> => {
  authorize(actor, 'agents.manage');
  const credential = await chat.store.entry('credential', agentId);
  if (credential === undefined) throw new GuichetError('not_found');
  await without(chat, actor, credential);
};

/**
 * Asks for the code of an account that has a second factor, and uses it up.
 * @param attempt called before a code is looked at; throws when too many were tried
 * @throws GuichetError `second_factor` without a code, and for one that is not right
 */
export const requireSecondFactor = async (
  chat: Chat,
  agentId: string,
  code: string | undefined,
  key: string,
  attempt: () => void,
): Promise<void> => {
  const first = await chat.store.entry('credential', agentId);
  if (!first?.secondFactor?.confirmed) return;
  if (code === undefined) throw new GuichetError('second_factor');
  attempt();
  await turn.run(async () => {
    const credential = await chat.store.entry('credential', agentId);
    const secondFactor = credential?.secondFactor;
    if (credential === undefined || !secondFactor?.confirmed) return;
    const lastStep = await stepOf(secondFactor, code, key);
    if (lastStep !== undefined) {
      await put(chat, { ...credential, secondFactor: { ...secondFactor, lastStep } });
      return;
    }
    const hash = secretHash(normalRecoveryCode(code));
    const recovery = secondFactor.recovery.filter((one) => one !== hash);
    if (recovery.length === secondFactor.recovery.length) {
      throw new GuichetError('second_factor', 'The code is not right, or was used before.');
    }
    await put(chat, { ...credential, secondFactor: { ...secondFactor, recovery } });
  });
};

const stepOf = async ({ sealed, lastStep }: SecondFactor, code: string, key: string): Promise<number | undefined> => {
  const secret = unseal(sealed, key);
  // With another SESSION_SECRET than it was sealed with only recovery codes are left.
  return secret === undefined ? undefined : stepOfCode(secret, code.replace(/\s/g, ''), lastStep);
};

const ownCredential = async (chat: Chat, actor: Actor): Promise<Credential> => {
  authorize(actor, 'account.manage');
  const credential = await chat.store.entry('credential', actor.id);
  if (credential === undefined) throw new GuichetError('invalid', 'This caller has no password to go with it.');
  return credential;
};

const requirePassword = async ({ passwordHash }: Credential, password: string): Promise<void> => {
  if (await verifyPassword(password.normalize('NFC'), passwordHash)) return;
  throw new GuichetError('invalid', 'The password is not right.');
};

const without = async (chat: Chat, actor: Actor, credential: Credential): Promise<void> => {
  const { secondFactor: _, ...kept } = credential;
  await put(chat, kept, { actor, action: 'twoFactor.off' });
};

const put = async (
  chat: Chat,
  value: Credential,
  deed?: { readonly actor: Actor; readonly action: AuditAction },
): Promise<void> => {
  const audit = deed && noteOf(deed.actor, deed.action, value.id);
  const entries = [{ kind: 'credential', value }] as const;
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries, ...(audit && { audit }) });
};
