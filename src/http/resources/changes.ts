import Type from 'typebox';
import { Change, StorageState } from '../../protocol/entities.ts';
import { operation } from '../operation.ts';
import { closed } from '../schema.ts';
import { Limit, limitOf, present, Wait, waitOf } from './shared.ts';

export const getChanges = operation({
  summary: 'Everything that changed behind a cursor, as the caller may see it',
  query: closed({
    after: Type.Optional(Type.String({ description: 'a cursor; `0` is the beginning; none is now' })),
    limit: Limit,
    wait: Wait,
    storage: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'agents: `storage.mark` of the answer before; ends the wait when it is another',
      }),
    ),
  }),
  answers: {
    200: Type.Object({
      changes: Type.Array(Change),
      cursor: Type.String(),
      caughtUp: Type.Boolean(),
      log: Type.String(),
      storage: Type.Optional(StorageState),
    }),
  },
  async run({ actor, query, request, running }) {
    const { after, storage } = query;
    const place = { ...present({ after, storage }), limit: limitOf(query), wait: waitOf(query) };
    return { status: 200, json: await running.live.changes(actor, place, request.signal) };
  },
});
