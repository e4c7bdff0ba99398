import Type from 'typebox';
import { postMessage } from '../../domain/actions/post-message.ts';
import { redactMessage } from '../../domain/actions/redact-message.ts';
import { Message, SenderType, Stored } from '../../protocol/entities.ts';
import { addressKey } from '../budgets.ts';
import { done, operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { UploadRef } from './attachments.ts';
import { ConversationParams, Limit, limitOf, present, Seq, Wait, waitOf } from './shared.ts';

const Posted = Type.Object({ message: Message, stored: Stored });

export const postMessages = operation({
  summary: 'Posts a message or a note; a repeat under the same id answers the first result',
  params: ConversationParams,
  body: closed({
    id: Type.Optional(Type.String()),
    content: Type.String({ description: 'may be empty beside attachments' }),
    attachments: Type.Optional(Type.Array(UploadRef)),
    kind: Type.Optional(Type.Union([Type.Literal('message'), Type.Literal('note')])),
    senderId: Type.Optional(Type.String({ description: 'admins only: in whose name' })),
    senderType: Type.Optional(SenderType),
    ifLastSeq: Type.Optional(
      Type.Integer({ minimum: 0, description: 'refused as `stale` when there is a message behind this seq' }),
    ),
    mentions: Type.Optional(Type.Array(Type.String(), { description: 'ids of agents that a note names' })),
  }),
  answers: { 201: Posted, 200: Posted },
  async run({ actor, params, body, request, running, context }) {
    context.budgets.spendAs(actor, 'post', { bytes: body.content.length, address: addressKey(request.ip) });
    const { chat, live, attachments } = running;
    const input = { ...body, attachments: await attachments.claim(params.id, body.attachments) };
    const { message, repeated, commitment } = await postMessage(chat, actor, params.id, input);
    return {
      status: repeated ? 200 : 201,
      body: {
        message: live.messageView(actor, message, commitment.durable),
        stored: live.stored(actor, commitment, message.position),
      },
    };
  },
});

export const getMessages = operation({
  summary: 'Messages in order of seq: behind `after`, before `before`, or the latest page',
  params: ConversationParams,
  query: closed({ after: Type.Optional(Seq), before: Type.Optional(Seq), limit: Limit, wait: Wait }),
  answers: {
    200: Type.Object({
      messages: Type.Array(Message),
      lastSeq: Type.Integer(),
      hasMore: Type.Boolean(),
      log: Type.String(),
    }),
  },
  async run({ actor, params, query, request, running }) {
    const { after, before } = query;
    const range = { ...present({ after, before }), limit: limitOf(query), wait: waitOf(query) };
    return { status: 200, json: await running.live.threadPage(actor, params.id, range, request.signal) };
  },
});

export const deleteMessage = operation({
  summary: 'Redacts a message: its content is gone everywhere, its place in the order stays',
  params: closed({ ...ConversationParams.properties, messageId: Type.String() }),
  answers: { 204: null },
  async run({ actor, params, running }) {
    await redactMessage(running.chat, actor, params.id, params.messageId);
    return done;
  },
});

export const postRead = operation({
  summary: 'Tells that the caller has read up to a seq',
  params: ConversationParams,
  body: closed({ seq: Seq }),
  answers: { 204: null },
  async run({ actor, params, body, running }) {
    await running.live.markRead(actor, params.id, body.seq);
    return done;
  },
});

export const postTyping = operation({
  summary: 'Tells that the caller is typing, or has stopped',
  params: ConversationParams,
  body: closed({ typing: Type.Boolean() }),
  answers: { 204: null },
  async run({ actor, params, body, running, context }) {
    context.budgets.spendAs(actor, 'typing');
    await running.live.typing(actor, params.id, body.typing);
    return done;
  },
});
