import Type from 'typebox';
import { changePassword } from '../../domain/actions/change-password.ts';
import { meView } from '../../live/people.ts';
import { Me } from '../../protocol/entities.ts';
import { done, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

export const getMe = operation({
  summary: 'Who the token belongs to',
  answers: { 200: Me },
  run: async ({ actor, running }) => ok(await meView(running.chat.store, actor)),
});

export const putPassword = operation({
  summary: 'Changes the own password and signs out everywhere else',
  body: closed({ currentPassword: Type.String(), password: Type.String() }),
  answers: { 204: null },
  async run({ actor, body, request, running, context }) {
    context.budgets.spend('signInsPerAddress', `password ${actor.id}`);
    const token = running.authenticator.tokenOf(request.headers);
    await changePassword(running.chat, actor, { ...body, token });
    return done;
  },
});
