import Type from 'typebox';
import { requireOpenAddress } from '../../domain/actions/blocks.ts';
import { mergeVisitor } from '../../domain/actions/merge-visitor.ts';
import {
  changeContact,
  changeVisitor,
  recogniseVisitor,
  registerVisitor,
} from '../../domain/actions/register-visitor.ts';
import { revokeVisitor } from '../../domain/actions/visitor-tokens.ts';
import { GuichetError } from '../../domain/errors.ts';
import { contactView } from '../../live/people.ts';
import { Visitor } from '../../protocol/entities.ts';
import { bearerOf } from '../auth/authenticator.ts';
import { addressKey } from '../budgets.ts';
import { created, done, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** What is said of a visitor. */
const Said = {
  name: Text,
  email: Text,
  locale: Text,
  attributes: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]), { description: 'null takes one away' }),
  ),
  page: Type.Optional(closed({ url: Type.String(), title: Text })),
};

export const createVisitor = operation({
  summary:
    'Registers a visitor, or recognises one that the host site vouches for; a token of an earlier, unknown self that ' +
    'comes along brings its conversations with it',
  body: closed({ ...Said, identityToken: Type.Optional(Type.String()) }),
  answers: { 201: Type.Object({ visitor: Visitor, token: Type.String() }) },
  async run({ automation, body, request, running, context }) {
    if (!automation) context.budgets.spend('visitorsPerAddress', addressKey(request.ip));
    const { identityToken, ...said } = body;
    const { chat, visitors } = running;
    if (!automation) await requireOpenAddress(chat, addressKey(request.ip));
    if (identityToken === undefined && visitors.requiresIdentity) {
      throw new GuichetError('unauthorized', 'This server asks for an identityToken of the site.');
    }
    if (identityToken === undefined) {
      const contact = await registerVisitor(chat, said);
      return created({ visitor: contactView(contact), token: visitors.tokenFor(contact) });
    }
    const identity = visitors.verify(identityToken);
    const former = await visitors.formerContact(bearerOf(request.headers));
    // What the site says of its visitor counts before what the visitor says.
    const contact = await recogniseVisitor(chat, identity.sub, {
      ...said,
      name: identity.name ?? said.name ?? former?.name,
      email: identity.email ?? said.email ?? former?.email,
      locale: identity.locale ?? said.locale ?? former?.locale,
    });
    if (former !== undefined) await mergeVisitor(chat, former, contact);
    return created({ visitor: contactView(contact), token: visitors.tokenFor(contact, identityToken) });
  },
});

export const patchVisitor = operation({
  summary: 'Says more of the visitor who calls: who they are, and the page they are on',
  body: closed(Said),
  answers: { 200: Type.Object({ visitor: Visitor }) },
  async run({ actor, body, running, context }) {
    context.budgets.spendAs(actor, 'profile');
    return ok({ visitor: contactView(await changeVisitor(running.chat, actor, body)) });
  },
});

const ContactParams = closed({ id: Type.String({ description: 'id of the visitor' }) });

export const patchContact = operation({
  summary: 'Corrects the name or the e-mail address of a visitor; null takes it away',
  params: ContactParams,
  body: closed({ name: Text, email: Text }),
  answers: { 200: Type.Object({ visitor: Visitor }) },
  async run({ actor, params, body, running }) {
    return ok({ visitor: contactView(await changeContact(running.chat, actor, params.id, body)) });
  },
});

export const renewToken = operation({
  summary: 'A new token for the visitor who calls; `revokeOthers` makes those of before worth nothing',
  body: closed({ revokeOthers: Type.Optional(Type.Boolean()) }),
  answers: { 201: Type.Object({ token: Type.String() }) },
  async run({ actor, body, running }) {
    const { chat, visitors } = running;
    if (visitors.requiresIdentity) throw new GuichetError('invalid', 'The site makes the tokens of its visitors.');
    const contact = body.revokeOthers
      ? await revokeVisitor(chat, actor, actor.id)
      : await chat.store.entry('contact', actor.id);
    if (contact === undefined) throw new GuichetError('unauthorized');
    return created({ token: visitors.tokenFor(contact) });
  },
});

export const revokeTokens = operation({
  summary: 'Makes every token of a visitor worth nothing and ends their sockets',
  params: ContactParams,
  answers: { 204: null },
  async run({ actor, params, running }) {
    await revokeVisitor(running.chat, actor, params.id);
    return done;
  },
});
