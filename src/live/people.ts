import type { Actor } from '../domain/access.ts';
import { GuichetError } from '../domain/errors.ts';
import type { Agent, CannedReply, Contact, Label, MentionEntry } from '../domain/model/directory.ts';
import type { Store } from '../domain/store.ts';
import type * as Wire from '../protocol/entities.ts';
import { plainLine } from '../protocol/plain-line.ts';

/**
 * People, labels and replies as they cross the wire. Names are told as a new one would be stored: what came with the
 * data of another program, or was stored by an earlier version, is kept as it is and shown harmless.
 */

const plainOrNull = (text: string | null): string | null => (text === null ? null : plainLine(text) || null);

export const contactView = ({
  id,
  name,
  email,
  locale,
  attributes,
  page,
  identified,
  createdAt,
}: Contact): Wire.Visitor => ({
  id,
  name: plainOrNull(name),
  email: plainOrNull(email),
  locale: plainOrNull(locale),
  ...(attributes && { attributes: plainAttributes(attributes) }),
  ...(page && { page: { ...page, title: plainOrNull(page.title) } }),
  ...(identified && { identified }),
  createdAt,
});

const plainAttributes = (attributes: Wire.Attributes): Wire.Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [plainLine(name), plainLine(value)]));

export const labelView = (label: Label): Wire.Label => ({ ...label, name: plainLine(label.name) || label.id });

export const cannedReplyView = (reply: CannedReply): Wire.CannedReply => ({
  ...reply,
  shortcut: plainLine(reply.shortcut),
});

export const mentionView = (entry: MentionEntry): Wire.Mention => {
  const { id: _, ...mention } = entry;
  return mention;
};

export const agentView = ({ id, email, name, role, active, createdAt }: Agent): Wire.Agent => ({
  id,
  email: plainOrNull(email),
  name: plainLine(name) || id,
  role,
  active,
  createdAt,
});

/** Who a caller is. Rejects with `unauthorized` for a visitor that the log does not know (any more). */
export const meView = async (store: Store, actor: Actor): Promise<Wire.Me> => {
  if (actor.type === 'visitor') {
    const contact = await store.entry('contact', actor.id);
    if (contact === undefined) throw new GuichetError('unauthorized');
    return { type: 'visitor', id: actor.id, visitor: contactView(contact) };
  }
  if (actor.type === 'system') throw new GuichetError('unauthorized');
  const agent = await store.entry('agent', actor.id);
  return { type: 'agent', id: actor.id, role: actor.role, ...(agent && { agent: agentView(agent) }) };
};
