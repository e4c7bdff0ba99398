import Type from 'typebox';
import { Conversation, Message } from '../../protocol/entities.ts';
import { SEARCH_MAX, SEARCH_WORDS_MAX } from '../../protocol/limits.ts';
import { ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { Limit, limitOf, present } from './shared.ts';

export const getSearch = operation({
  summary: 'Messages and notes that hold every word, newest first, with the conversations they are in',
  query: closed({
    q: Type.String({
      description: `beginnings of words, at most ${SEARCH_WORDS_MAX} in ${SEARCH_MAX} characters; case and accents aside`,
    }),
    limit: Limit,
    cursor: Type.Optional(Type.String({ description: '`nextCursor` of the page before' })),
  }),
  answers: {
    200: Type.Object({
      messages: Type.Array(Message),
      conversations: Type.Array(Conversation, { description: 'each that a message of the page is in, once' }),
      nextCursor: Type.Union([Type.String(), Type.Null()]),
    }),
  },
  async run({ actor, query, running }) {
    const { q, cursor } = query;
    return ok(await running.live.search(actor, { q, limit: limitOf(query), ...present({ cursor }) }));
  },
});
