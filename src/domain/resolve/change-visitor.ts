import { authorize } from '../access.ts';
import type { ChangeVisitor, Done } from '../change.ts';
import { GuichetError } from '../errors.ts';
import type { Contact } from '../model/directory.ts';
import { withSaid } from '../model/person.ts';
import type { Draft } from './draft.ts';
import { putEntries } from './put-entries.ts';

/**
 * Keeps what the caller says of themselves, or an agent of a visitor, on top of the contact as it is by then: nothing that was changed meanwhile
 * is undone. Name and e-mail address of somebody a site vouches for are the site's to change, and stay; an agent is told so.
 */
export const changeVisitor = ({ actor, of, said, audit }: ChangeVisitor, draft: Draft): Done => {
  authorize(actor, of === undefined ? 'visitor.change' : 'contact.change');
  const held = draft.entry('contact', of ?? actor.id);
  if (held === undefined) throw new GuichetError(of === undefined ? 'unauthorized' : 'not_found');
  if (of !== undefined && held.identified) {
    throw new GuichetError('invalid', 'Who this visitor is, the site says that vouches for them.');
  }
  const next = withSaid(held, said);
  const value: Contact = held.identified ? { ...next, name: held.name, email: held.email } : next;
  const put = { type: 'putEntries', mode: 'replace', entries: [{ kind: 'contact', value }] } as const;
  return putEntries(audit === undefined ? put : { ...put, audit }, draft);
};
