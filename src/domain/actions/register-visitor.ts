import { createHash, randomUUIDv7 } from 'node:crypto';
import { NEW_ID } from '../../protocol/limits.ts';
import { plainLine } from '../../protocol/plain-line.ts';
import type { Actor } from '../access.ts';
import type { Chat } from '../chat.ts';
import type { Contact } from '../model/directory.ts';
import {
  type AttributesInput,
  checkEmail,
  checkLocale,
  checkName,
  checkPage,
  type Said,
  withSaid,
} from '../model/person.ts';
import { checkText } from '../model/text.ts';
import { noteOf } from './audit-log.ts';

/** What a visitor says, or a site says of a visitor. An empty text is as good as none. */
export interface VisitorInput {
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly attributes?: AttributesInput | undefined;
  readonly page?: { readonly url: string; readonly title?: string | null | undefined } | undefined;
}

const SUBJECT_MAX = 255;

/** Makes a contact for somebody nobody knows. */
export const registerVisitor = async (chat: Chat, input: VisitorInput): Promise<Contact> =>
  put(chat, withSaid(newContact(randomUUIDv7()), checkSaid(input)));

/**
 * The contact of somebody a site vouches for under a name of its own (`subject`): always the same one, made when it
 * is not there, brought up to date when what is said of it has changed.
 */
export const recogniseVisitor = async (chat: Chat, subject: string, input: VisitorInput): Promise<Contact> => {
  const { id, held } = await contactOfSubject(chat, subject);
  return put(chat, { ...withSaid(held ?? newContact(id), checkSaid(input)), identified: true });
};

/** Keeps what the calling visitor says of themselves now; answers the contact as it is then. */
export const changeVisitor = async (chat: Chat, actor: Actor, input: VisitorInput): Promise<Contact> => {
  await chat.log.commit({ type: 'changeVisitor', actor, said: checkSaid(input) });
  return (await chat.store.entry('contact', actor.id))!;
};

/** Corrects what is known of a visitor, in the name of an agent; an empty text takes it away. */
export const changeContact = async (
  chat: Chat,
  actor: Actor,
  of: string,
  { name, email }: Pick<VisitorInput, 'name' | 'email'>,
): Promise<Contact> => {
  const said: Said = {
    ...(name !== undefined && { name: name?.trim() ? checkName(name) : null }),
    ...(email !== undefined && { email: email?.trim() ? checkEmail(email) : null }),
  };
  const audit = noteOf(actor, 'visitor.change', of, Object.keys(said).join(', '));
  await chat.log.commit({ type: 'changeVisitor', actor, of, said, audit });
  return (await chat.store.entry('contact', of))!;
};

/** Under which id the contact of a subject is kept, and the contact if it is there. */
export const contactOfSubject = async (
  { store }: Pick<Chat, 'store'>,
  subject: string,
): Promise<{ id: string; held: Contact | undefined }> => {
  const name = checkText('sub', subject, 1, SUBJECT_MAX);
  const known = await store.entry('contact', name);
  const id = known !== undefined || NEW_ID.test(name) ? name : contactIdOf(name);
  return { id, held: known ?? (await store.entry('contact', id)) };
};

const put = async (chat: Chat, value: Contact): Promise<Contact> => {
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'contact', value }] });
  return value;
};

const newContact = (id: string): Contact => ({
  id,
  name: null,
  email: null,
  locale: null,
  createdAt: new Date().toISOString(),
});

/** A name that nothing is left of is none: a site that sends one must not keep its visitor out. */
const checkSaid = ({ name, email, locale, attributes, page }: VisitorInput): Said => ({
  ...(name && plainLine(name) && { name: checkName(name) }),
  ...(email && { email: checkEmail(email) }),
  ...(locale && { locale: checkLocale(locale) }),
  ...(attributes && { attributes }),
  ...(page && { page: checkPage(page, new Date().toISOString()) }),
});

/** Names of other programs may hold anything; ours go into addresses. */
const contactIdOf = (subject: string): string =>
  `site-${createHash('sha256').update(subject).digest('base64url').slice(0, 40)}`;
