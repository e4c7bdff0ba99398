import { GuichetError } from './errors.ts';
import type { Conversation } from './model/conversation.ts';
import type { ApiKeyScope, Role } from './model/directory.ts';
import type { MessageKind, SenderType } from './model/message.ts';

/** Who calls. Made from a token at the door; nothing behind the door looks at tokens. */
export type Actor =
  | { readonly type: 'visitor'; readonly id: string; readonly until?: number }
  /** `until`: when the token is over, epoch ms; whoever stays longer is asked again who it is. */
  | {
      readonly type: 'agent';
      readonly id: string;
      readonly role: Role;
      readonly automation?: boolean;
      /** It is a program with a key, which may do no more than this and nothing that is personal. */
      readonly key?: ApiKeyScope;
      readonly until?: number;
    }
  /** The server itself: imports, timers, commands. */
  | { readonly type: 'system'; readonly id: 'system' };

export const SYSTEM: Actor = { type: 'system', id: 'system' };

/** Everything that can be asked for, one name per right. */
export type Action =
  | 'conversations.list'
  | 'conversation.read'
  | 'conversation.start'
  | 'conversation.startForOthers'
  | 'conversation.change'
  | 'conversation.rate'
  | 'message.post'
  | 'message.postNote'
  | 'message.postForOthers'
  | 'message.redact'
  | 'messages.search'
  | 'read.mark'
  | 'typing.send'
  | 'changes.read'
  | 'storage.read'
  | 'visitor.token'
  | 'visitor.revoke'
  | 'visitor.block'
  | 'visitor.erase'
  | 'visitor.export'
  | 'audit.read'
  | 'retention.change'
  | 'agents.list'
  | 'agents.manage'
  | 'password.change'
  | 'account.manage'
  | 'settings.read'
  | 'settings.change'
  | 'visitor.change'
  | 'contact.change'
  | 'labels.read'
  | 'labels.change'
  | 'cannedReplies.read'
  | 'cannedReplies.change'
  | 'mentions.read'
  | 'statistics.read'
  | 'import';

/** `reader`: a program that only looks on. */
type Caller = 'visitor' | 'reader' | 'agent' | 'admin' | 'system';

/** The whole policy. `own` means: only in a conversation of the caller's own; anybody else's does not exist. */
const POLICY: Record<Action, Partial<Record<Caller, 'own' | 'any'>>> = {
  'conversations.list': { visitor: 'own', reader: 'any', agent: 'any', admin: 'any', system: 'any' },
  'conversation.read': { visitor: 'own', reader: 'any', agent: 'any', admin: 'any', system: 'any' },
  'conversation.start': { visitor: 'own', agent: 'any', admin: 'any', system: 'any' },
  'conversation.startForOthers': { agent: 'any', admin: 'any', system: 'any' },
  'conversation.change': { agent: 'any', admin: 'any', system: 'any' },
  'conversation.rate': { visitor: 'own' },
  'message.post': { visitor: 'own', agent: 'any', admin: 'any', system: 'any' },
  'message.postNote': { agent: 'any', admin: 'any', system: 'any' },
  'message.postForOthers': { admin: 'any', system: 'any' },
  'message.redact': { agent: 'any', admin: 'any', system: 'any' },
  'messages.search': { reader: 'any', agent: 'any', admin: 'any' },
  'read.mark': { visitor: 'own', agent: 'any', admin: 'any' },
  'typing.send': { visitor: 'own', agent: 'any', admin: 'any' },
  'changes.read': { visitor: 'own', reader: 'any', agent: 'any', admin: 'any' },
  'storage.read': { reader: 'any', agent: 'any', admin: 'any' },
  'visitor.token': { visitor: 'own' },
  'visitor.revoke': { agent: 'any', admin: 'any', system: 'any' },
  'visitor.block': { agent: 'any', admin: 'any' },
  'visitor.erase': { admin: 'any', system: 'any' },
  'visitor.export': { admin: 'any' },
  'audit.read': { admin: 'any' },
  'retention.change': { admin: 'any', system: 'any' },
  'agents.list': { reader: 'any', agent: 'any', admin: 'any' },
  'agents.manage': { admin: 'any', system: 'any' },
  'password.change': { agent: 'any', admin: 'any' },
  'account.manage': { agent: 'any', admin: 'any' },
  'settings.read': { reader: 'any', agent: 'any', admin: 'any' },
  'settings.change': { admin: 'any', system: 'any' },
  'visitor.change': { visitor: 'own' },
  'contact.change': { agent: 'any', admin: 'any' },
  'labels.read': { reader: 'any', agent: 'any', admin: 'any' },
  'labels.change': { agent: 'any', admin: 'any' },
  'cannedReplies.read': { reader: 'any', agent: 'any', admin: 'any' },
  'cannedReplies.change': { agent: 'any', admin: 'any' },
  'mentions.read': { agent: 'any', admin: 'any' },
  'statistics.read': { reader: 'any', agent: 'any', admin: 'any' },
  import: { admin: 'any', system: 'any' },
};

/** What belongs to a person: a program with a key must not outlive that key by way of it. */
const PERSONAL: ReadonlySet<Action> = new Set<Action>(['password.change', 'account.manage']);

const callerOf = (actor: Actor): Caller => {
  if (actor.type !== 'agent') return actor.type;
  return actor.key === 'read' ? 'reader' : actor.role;
};

/** Throws `forbidden` when no caller of this kind may do this at all. */
export const authorize = (actor: Actor, action: Action): void => {
  const isKey = actor.type === 'agent' && actor.key !== undefined;
  if (isKey && PERSONAL.has(action)) throw new GuichetError('forbidden', 'A key may not do that, only a person.');
  if (POLICY[action][callerOf(actor)] === undefined) throw new GuichetError('forbidden');
};

/**
 * Throws `not_found` when the conversation is not there or is not for this caller (the two are told apart by nobody),
 * and `forbidden` when the caller may see it but not do this. Returns the thing, now known to exist.
 */
export const authorizeOn = <T extends { readonly conversation: Pick<Conversation, 'userId'> }>(
  actor: Actor,
  action: Action,
  head: T | undefined,
): T => {
  const caller = callerOf(actor);
  const visible = head !== undefined && sees(POLICY['conversation.read'][caller], actor, head);
  if (!visible) throw new GuichetError('not_found');
  if (!sees(POLICY[action][caller], actor, head)) throw new GuichetError('forbidden');
  return head;
};

const sees = (
  right: 'own' | 'any' | undefined,
  actor: Actor,
  head: { readonly conversation: Pick<Conversation, 'userId'> },
): boolean => right === 'any' || (right === 'own' && head.conversation.userId === actor.id);

/** In whose name a caller writes. */
export interface Sender {
  readonly id: string;
  readonly type: SenderType;
}

export const senderOf = (actor: Actor): Sender => {
  if (actor.type === 'visitor') return { id: actor.id, type: 'USER' };
  return actor.type === 'agent' ? { id: actor.id, type: 'AGENT' } : { id: 'system', type: 'SYSTEM' };
};

/** The right that posting a message of this kind takes. */
export const postAction = (kind: MessageKind): Action => (kind === 'message' ? 'message.post' : 'message.postNote');
