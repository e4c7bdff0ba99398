import Type from 'typebox';
import type { Actor } from '../../domain/access.ts';
import { changeConversation } from '../../domain/actions/change-conversation.ts';
import { rateConversation } from '../../domain/actions/rate-conversation.ts';
import { startConversation } from '../../domain/actions/start-conversation.ts';
import { GuichetError } from '../../domain/errors.ts';
import { Conversation, Message, Rating, Status, Stored } from '../../protocol/entities.ts';
import { addressKey } from '../budgets.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { ConversationParams, Limit, limitOf, present } from './shared.ts';

const NullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const OneConversation = Type.Object({ conversation: Conversation });
const Started = Type.Object({ conversation: Conversation, message: Type.Optional(Message), stored: Stored });

export const postConversation = operation({
  summary: 'Starts a conversation, with its first message if one is given; a repeat answers the first result',
  body: closed({
    id: Type.Optional(Type.String()),
    subject: NullableText,
    userId: Type.Optional(Type.String()),
    agentId: NullableText,
    message: Type.Optional(closed({ id: Type.Optional(Type.String()), content: Type.String() })),
  }),
  answers: { 201: Started, 200: Started },
  async run({ actor, body, request, running, context }) {
    context.budgets.spendAs(actor, 'conversation', {
      bytes: body.message?.content.length ?? 0,
      address: addressKey(request.ip),
    });
    const { chat, live } = running;
    const { head, message, repeated, commitment } = await startConversation(chat, actor, body);
    return {
      status: repeated ? 200 : 201,
      body: {
        conversation: live.conversationView(actor, head),
        ...(message && { message: live.messageView(actor, message, commitment.durable) }),
        stored: live.stored(actor, commitment, message?.position ?? head.position),
      },
    };
  },
});

export const getConversations = operation({
  summary: 'Conversations, newest activity first',
  query: closed({
    status: Type.Optional(Status),
    agent: Type.Optional(Type.String({ description: '`me`, `none` or the id of an agent' })),
    label: Type.Optional(Type.String({ description: 'agents only' })),
    user: Type.Optional(Type.String({ description: 'agents only: those of one visitor' })),
    q: Type.Optional(Type.String({ description: "words of the subject, or of the visitor's name or e-mail" })),
    limit: Limit,
    cursor: Type.Optional(Type.String({ description: '`nextCursor` of the page before' })),
  }),
  answers: {
    200: Type.Object({
      conversations: Type.Array(Conversation),
      nextCursor: Type.Union([Type.String(), Type.Null()]),
    }),
  },
  async run({ actor, query, running }) {
    const { agent, label, status, user: userId, q, cursor } = query;
    // Whether a conversation bears a label is for agents to know, also by way of what a filter leaves out.
    if (actor.type === 'visitor' && label !== undefined) {
      throw new GuichetError('forbidden', 'Labels are for agents.');
    }
    if (actor.type === 'visitor' && userId !== undefined) throw new GuichetError('forbidden');
    const agentId = agent === undefined ? undefined : agentIdFor(actor, agent);
    const filters = present({ agentId, label, status, userId, q, cursor });
    return ok(await running.live.conversations(actor, { ...filters, limit: limitOf(query) }));
  },
});

const agentIdFor = (actor: Actor, agent: string): string | null => {
  if (agent === 'none') return null;
  if (agent !== 'me') return agent;
  if (actor.type !== 'agent') throw new GuichetError('invalid', 'Only an agent can ask for agent=me.');
  return actor.id;
};

export const getConversation = operation({
  summary: 'One conversation',
  params: ConversationParams,
  answers: { 200: OneConversation },
  run: async ({ actor, params, running }) => ok({ conversation: await running.live.conversation(actor, params.id) }),
});

export const patchConversation = operation({
  summary: 'Changes status, agent, subject, labels or snooze of a conversation',
  params: ConversationParams,
  body: closed({
    status: Type.Optional(Status),
    agentId: NullableText,
    subject: NullableText,
    labels: Type.Optional(Type.Array(Type.String())),
    snoozedUntil: NullableText,
  }),
  answers: { 200: OneConversation },
  async run({ actor, params, body, running }) {
    const { id } = await changed(running.chat, actor, params.id, body);
    return ok({ conversation: await running.live.conversation(actor, id) });
  },
});

const changed = async (...args: Parameters<typeof changeConversation>): Promise<{ id: string }> =>
  (await changeConversation(...args)).conversation;

export const postRating = operation({
  summary: 'Says what the calling visitor thought of a closed conversation; the latest counts',
  params: ConversationParams,
  body: closed({ ...Type.Pick(Rating, ['score']).properties, comment: NullableText }),
  answers: { 200: OneConversation },
  async run({ actor, params, body, running, context }) {
    context.budgets.spendAs(actor, 'post');
    const head = await rateConversation(running.chat, actor, params.id, body);
    return ok({ conversation: running.live.conversationView(actor, head) });
  },
});
