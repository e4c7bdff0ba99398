import type { Action } from '../domain/access.ts';
import type { Operation } from './operation.ts';
import {
  deleteApiKey,
  deleteOtherSessions,
  deleteOwnSession,
  deleteSecondFactorOf,
  getApiKeys,
  getSecondFactor,
  getSessions,
  postApiKey,
  postResetLink,
  postSecondFactor,
  putSecondFactor,
  secondFactorOff,
} from './resources/account.ts';
import { getAgents, patchAgent, postAgent } from './resources/agents.ts';
import { getAttachment, getNamedAttachment, postAttachment } from './resources/attachments.ts';
import { getBlockedAddresses, getVisitorBlock, putBlockedAddress, putVisitorBlock } from './resources/blocks.ts';
import { changeCannedReply, getCannedReplies } from './resources/canned-replies.ts';
import { getChanges } from './resources/changes.ts';
import {
  getConversation,
  getConversations,
  patchConversation,
  postConversation,
  postRating,
} from './resources/conversations.ts';
import { changeLabel, getLabels } from './resources/labels.ts';
import { getMe, putPassword } from './resources/me.ts';
import { getMentions, postMentionSeen } from './resources/mentions.ts';
import { deleteMessage, getMessages, postMessages, postRead, postTyping } from './resources/messages.ts';
import {
  getAudit,
  getExport,
  getRetention,
  postErase,
  previewOfRetention,
  putRetention,
  runRetention,
} from './resources/privacy.ts';
import { getSearch } from './resources/search.ts';
import { chooseNewPassword, createSession, deleteSession, firstSetUp } from './resources/sessions.ts';
import { getSettings, getWidget, putSettings } from './resources/settings.ts';
import { getStatistics } from './resources/statistics.ts';
import { getStorage } from './resources/storage.ts';
import { createVisitor, patchContact, patchVisitor, renewToken, revokeTokens } from './resources/visitors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Method, path under /api/v1, who may call (anyone, whoever has a token, or who has this right), and what it does. */
export type Route = readonly [method: Method, path: string, who: 'anyone' | 'signedIn' | Action, operation: Operation];

/** Every call of the public surface. */
export const ROUTES: readonly Route[] = [
  ['POST', '/visitors', 'anyone', createVisitor],
  ['POST', '/sessions', 'anyone', createSession],
  ['DELETE', '/sessions/current', 'password.change', deleteSession],
  ['POST', '/setup', 'anyone', firstSetUp],
  ['PATCH', '/visitors/me', 'visitor.change', patchVisitor],
  ['GET', '/me', 'signedIn', getMe],
  ['PUT', '/me/password', 'password.change', putPassword],
  ['POST', '/me/token', 'visitor.token', renewToken],
  ['DELETE', '/contacts/:id/tokens', 'visitor.revoke', revokeTokens],
  ['POST', '/contacts/:id/erase', 'visitor.erase', postErase],
  ['GET', '/contacts/:id/export', 'visitor.export', getExport],
  ['GET', '/audit', 'audit.read', getAudit],
  ['GET', '/retention', 'retention.change', getRetention],
  ['PUT', '/retention', 'retention.change', putRetention],
  ['POST', '/retention/preview', 'retention.change', previewOfRetention],
  ['POST', '/retention/run', 'retention.change', runRetention],
  ['GET', '/me/sessions', 'account.manage', getSessions],
  ['DELETE', '/me/sessions', 'account.manage', deleteOtherSessions],
  ['DELETE', '/me/sessions/:id', 'account.manage', deleteOwnSession],
  ['GET', '/me/second-factor', 'account.manage', getSecondFactor],
  ['POST', '/me/second-factor', 'account.manage', postSecondFactor],
  ['PUT', '/me/second-factor', 'account.manage', putSecondFactor],
  ['POST', '/me/second-factor/off', 'account.manage', secondFactorOff],
  ['GET', '/me/api-keys', 'account.manage', getApiKeys],
  ['POST', '/me/api-keys', 'account.manage', postApiKey],
  ['DELETE', '/me/api-keys/:id', 'account.manage', deleteApiKey],
  ['POST', '/agents/:id/reset-link', 'agents.manage', postResetLink],
  ['DELETE', '/agents/:id/second-factor', 'agents.manage', deleteSecondFactorOf],
  ['POST', '/password-reset', 'anyone', chooseNewPassword],
  ['PATCH', '/contacts/:id', 'contact.change', patchContact],
  ['GET', '/contacts/:id/block', 'visitor.block', getVisitorBlock],
  ['PUT', '/contacts/:id/block', 'visitor.block', putVisitorBlock],
  ['GET', '/blocked-addresses', 'visitor.block', getBlockedAddresses],
  ['PUT', '/blocked-addresses/:address', 'visitor.block', putBlockedAddress],
  ['GET', '/widget', 'anyone', getWidget],
  ['POST', '/conversations', 'conversation.start', postConversation],
  ['GET', '/conversations', 'conversations.list', getConversations],
  ['GET', '/conversations/:id', 'conversation.read', getConversation],
  ['PATCH', '/conversations/:id', 'conversation.change', patchConversation],
  ['POST', '/conversations/:id/rating', 'conversation.rate', postRating],
  ['POST', '/conversations/:id/messages', 'message.post', postMessages],
  ['GET', '/conversations/:id/messages', 'conversation.read', getMessages],
  ['DELETE', '/conversations/:id/messages/:messageId', 'message.redact', deleteMessage],
  ['POST', '/conversations/:id/attachments', 'message.post', postAttachment],
  ['GET', '/conversations/:id/attachments/:attachmentId', 'conversation.read', getAttachment],
  ['GET', '/conversations/:id/attachments/:attachmentId/:name', 'conversation.read', getNamedAttachment],
  ['POST', '/conversations/:id/read', 'read.mark', postRead],
  ['POST', '/conversations/:id/typing', 'typing.send', postTyping],
  ['GET', '/search', 'messages.search', getSearch],
  ['GET', '/changes', 'changes.read', getChanges],
  ['GET', '/storage', 'storage.read', getStorage],
  ['GET', '/agents', 'agents.list', getAgents],
  ['POST', '/agents', 'agents.manage', postAgent],
  ['PATCH', '/agents/:id', 'agents.manage', patchAgent],
  ['GET', '/settings', 'settings.read', getSettings],
  ['PUT', '/settings', 'settings.change', putSettings],
  ['GET', '/labels', 'labels.read', getLabels],
  ['PUT', '/labels/:id', 'labels.change', changeLabel],
  ['GET', '/canned-replies', 'cannedReplies.read', getCannedReplies],
  ['PUT', '/canned-replies/:id', 'cannedReplies.change', changeCannedReply],
  ['GET', '/statistics', 'statistics.read', getStatistics],
  ['GET', '/mentions', 'mentions.read', getMentions],
  ['POST', '/mentions/:conversationId/seen', 'mentions.read', postMentionSeen],
];
