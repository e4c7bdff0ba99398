import type { Desk } from './desk.ts';
import { words } from './words.ts';

/** Something that can be put in the place of what is being typed, from `from` to the caret. */
export interface Suggestion {
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly insert: string;
  readonly from: number;
}

const SHOWN = 6;

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** Canned replies behind a slash that begins a reply; in notes colleagues behind an at sign. */
export const suggestionsFor = (
  desk: Desk,
  kind: 'message' | 'note',
  draft: string,
  caret: number,
): readonly Suggestion[] => {
  const before = draft.slice(0, caret);
  if (kind === 'note') {
    const found = /(?:^|\s)@([^@\n]{0,30})$/.exec(before);
    if (found === null) return [];
    const from = caret - found[1]!.length - 1;
    return [...desk.catalogue.agents.value.values()]
      .filter(({ active, id, name }) => active && id !== desk.me.id && plain(name).startsWith(plain(found[1]!)))
      .slice(0, SHOWN)
      .map(({ id, name, email }) => ({ key: id, title: name, text: email ?? '', insert: `@${name} `, from }));
  }
  const found = /(?:^|\s)\/(\S{0,40})$/.exec(before);
  if (found === null) return [];
  const wanted = plain(found[1]!);
  return desk.catalogue.replies.value
    .filter(
      ({ shortcut, content }) =>
        plain(shortcut).includes(wanted) || (wanted.length > 2 && plain(content).includes(wanted)),
    )
    .slice(0, SHOWN)
    .map(({ id, shortcut, content }) => ({
      ...{ key: id, title: `/${shortcut}`, text: content, insert: content },
      from: caret - found[1]!.length - 1,
    }));
};

/** The text of a suggestion with its placeholders filled in; one that nothing is known for says what is missing. */
export const filled = (desk: Desk, conversationId: string, { insert }: Suggestion): string => {
  const { contact } = desk.inbox.get(conversationId) ?? {};
  const known: Record<string, string | null | undefined> = {
    ...contact?.attributes,
    name: contact?.name ?? words.value.placeholders.name,
    email: contact?.email,
    agent: desk.me.agent?.name,
    team: desk.catalogue.settings.value?.teamName,
  };
  return insert.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (all, name: string) => known[name] ?? all);
};
