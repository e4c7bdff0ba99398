import type { Mutant } from './mutants.ts';

const LISTS = 'web/shared/conversations.ts';
const INBOX = 'web/console/inbox.ts';
const LIST_TESTS: readonly string[] = ['web/shared/conversations.test.ts'];
const INBOX_TESTS: readonly string[] = ['web/console/inbox.test.ts'];

/** What people are shown is what the store holds: the rules of docs/spec/client.md that lists and counts live by. */
export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    name: "CL-10: one's own mark moves with the count it belongs to",
    file: LISTS,
    from: '.filter((mark) => !isBehind || !isOwnMark(mark, me))',
    to: '',
    tests: LIST_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: a list that was overtaken counts nothing',
    file: LISTS,
    from: ' || isOvertaken;',
    to: ' || (isOvertaken && false);',
    tests: LIST_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: what no list has brought is not counted',
    file: LISTS,
    from: 'return replaced(known, conversation.id, (before) => withNews(before, conversation, me));',
    to: 'return withConversations(known, [conversation], me);',
    tests: LIST_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: a mark in the middle is counted by the server',
    file: LISTS,
    from: 'return read!.seq > ownMark(before, me) &&',
    to: 'return read!.seq < 0 &&',
    tests: LIST_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: a count goes as far as its head',
    file: 'src/live/inbox-page.ts',
    from: '    through: head.lastSeq,',
    to: '    through: Number.MAX_SAFE_INTEGER,',
    tests: ['src/live/inbox-page.test.ts'],
    only: 'CL-10',
  },
  {
    name: 'CL-10: an answer that was overtaken is not taken',
    file: INBOX,
    from: 'shelf.put(answer.conversations.filter(({ id }) => !since.has(id)));',
    to: 'shelf.put(answer.conversations);',
    tests: INBOX_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: one that was overtaken is asked for again',
    file: INBOX,
    from: '        isNow = !since.has(id);',
    to: '        isNow = true;',
    tests: INBOX_TESTS,
    only: 'CL-10',
  },
  {
    name: 'CL-10: what failed is tried again',
    file: 'web/shared/persist.ts',
    from: "      if ((error as Partial<ClientError>).retry === 'never') return;",
    to: '      void (error as Partial<ClientError>);\n      return;',
    tests: INBOX_TESTS,
    only: 'CL-10',
  },
  {
    name: 'LV-1: one reading at a time',
    file: 'src/live/follow.ts',
    from: '    if (this.#isReading) return;\n',
    to: '',
    tests: ['src/live/follow.test.ts'],
    only: 'LV-1',
  },
];
