import Type from 'typebox';
import { mentionsOf, seeMention } from '../../domain/actions/mentions.ts';
import { mentionView } from '../../live/people.ts';
import { Conversation, Mention } from '../../protocol/entities.ts';
import { done, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

export const getMentions = operation({
  summary: 'Conversations where a note names the calling agent, newest first',
  answers: { 200: Type.Object({ mentions: Type.Array(Mention), conversations: Type.Array(Conversation) }) },
  async run({ actor, running }) {
    const mentions = (await mentionsOf(running.chat, actor)).map(mentionView);
    const { conversations } = await running.live.someConversations(
      actor,
      mentions.map(({ conversationId }) => conversationId),
    );
    return ok({ mentions, conversations });
  },
});

export const postMentionSeen = operation({
  summary: 'Tells that the calling agent has seen what names them in a conversation',
  params: closed({ conversationId: Type.String() }),
  answers: { 204: null },
  async run({ actor, params, running }) {
    await seeMention(running.chat, actor, params.conversationId);
    return done;
  },
});
