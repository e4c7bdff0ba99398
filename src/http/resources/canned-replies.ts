import Type from 'typebox';
import { putCannedReply } from '../../domain/actions/canned-replies.ts';
import { cannedReplyView } from '../../live/people.ts';
import { CannedReply } from '../../protocol/entities.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

export const getCannedReplies = operation({
  summary: 'All canned replies, archived ones without their text',
  answers: { 200: Type.Object({ cannedReplies: Type.Array(CannedReply) }) },
  run: async ({ running }) =>
    ok({ cannedReplies: (await running.chat.store.entries('cannedReply')).map(cannedReplyView) }),
});

export const changeCannedReply = operation({
  summary: 'Makes a canned reply or changes it',
  params: closed({ id: Type.String() }),
  body: closed({
    shortcut: CannedReply.properties.shortcut,
    content: CannedReply.properties.content,
    archived: Type.Optional(CannedReply.properties.archived),
  }),
  answers: { 200: Type.Object({ cannedReply: CannedReply }) },
  run: async ({ actor, params, body, running }) =>
    ok({ cannedReply: await putCannedReply(running.chat, actor, { archived: false, ...body, id: params.id }) }),
});
