import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConversationHead, startHead, withConversation, withMessage } from '../model/conversation.ts';
import type { ConversationQuery } from '../store.ts';
import { TIME } from '../testing/changes.ts';
import { ConversationIndex } from './conversation-index.ts';
import { searchTerms } from './search-terms.ts';

const at = (second: number): string => new Date(Date.parse(TIME) + second * 1000).toISOString();

interface Step {
  readonly id: string;
  readonly second: number;
  readonly what: 'message' | 'note' | 'CLOSED' | 'ACTIVE' | 'label' | 'subject';
}

const step: fc.Arbitrary<Step> = fc.record({
  id: fc.integer({ min: 0, max: 11 }).map((n) => `c${n}`),
  // Few moments, in any order: ties and clocks that go back, as imports bring them.
  second: fc.integer({ min: 0, max: 9 }),
  what: fc.constantFrom('message', 'note', 'CLOSED', 'ACTIVE', 'label', 'subject'),
});

const userOf = (id: string): string => `u${id.length}${Number(id.slice(1)) % 2}`;

const begin = (id: string, second: number): ConversationHead =>
  startHead(
    {
      id,
      subject: `Talk ${id}`,
      status: 'ACTIVE',
      userId: userOf(id),
      agentId: null,
      labels: [],
      snoozedUntil: null,
      createdAt: at(second),
      changedAt: at(second),
      publicAt: at(second),
      publicPosition: 1,
    },
    1,
  );

const apply = (head: ConversationHead, { what, second }: Step): ConversationHead => {
  const { conversation } = head;
  const [changedAt, publicAt] = [at(second), at(second)];
  if (what === 'label') return withConversation(head, { ...conversation, labels: ['vip'], changedAt }, 2);
  if (what === 'subject') return withConversation(head, { ...conversation, subject: 'Élan', changedAt, publicAt }, 2);
  if (what !== 'message' && what !== 'note') {
    return withConversation(head, { ...conversation, status: what, changedAt, publicAt }, 2);
  }
  const seq = head.lastSeq + 1;
  const publicSeq = head.lastPublicSeq + (what === 'message' ? 1 : 0);
  const message = { id: `m${seq}`, conversationId: conversation.id, seq, publicSeq, kind: what, content: '' };
  return withMessage(head, { ...message, senderId: 'bot', senderType: 'BOT', createdAt: at(second) }, 2);
};

/** The list by the words of the port, made anew each time. */
const naive = (heads: Iterable<ConversationHead>, query: Omit<ConversationQuery, 'limit'>): string[] => {
  const stamp = (head: ConversationHead) => (query.userId === undefined ? head.updatedAt : head.publicUpdatedAt);
  return [...heads]
    .filter(({ conversation }) => {
      const words = searchTerms(conversation.subject ?? '');
      return (
        (query.userId === undefined || conversation.userId === query.userId) &&
        (query.status === undefined || conversation.status === query.status) &&
        (query.label === undefined || conversation.labels.includes(query.label)) &&
        searchTerms(query.q ?? '').every((term) => words.some((word) => word.startsWith(term)))
      );
    })
    .sort((a, b) =>
      stamp(a) === stamp(b) ? (a.conversation.id < b.conversation.id ? -1 : 1) : stamp(a) < stamp(b) ? 1 : -1,
    )
    .map(({ conversation }) => conversation.id);
};

const paged = (index: ConversationIndex, query: Omit<ConversationQuery, 'limit'>, limit: number): string[] => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = index.page({ ...query, limit, ...(cursor !== undefined && { cursor }) });
    assert.ok(page.conversations.length > 0 || page.nextCursor === null);
    ids.push(...page.conversations.map(({ conversation }) => conversation.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
};

const QUERIES = [
  {},
  { userId: 'u20' },
  { userId: 'u21' },
  { status: 'CLOSED' },
  { label: 'vip' },
  { q: 'elan' },
  { userId: 'u20', status: 'ACTIVE', q: 'ta c' },
] as const;

test('[LG-50] [LG-51] [LG-20] lists are those of a naive model, for any order of activity', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 13 }), (steps, limit) => {
      const index = new ConversationIndex(({ subject }) => searchTerms(subject ?? ''));
      const model = new Map<string, ConversationHead>();
      for (const [i, each] of steps.entries()) {
        const known = model.get(each.id);
        const head = known === undefined ? begin(each.id, each.second) : apply(known, each);
        model.set(each.id, head);
        index.set(head);
        // Asked in between, so that an order that was made once is also kept up.
        if (i % 7 === 0) assert.deepEqual(paged(index, {}, limit), naive(model.values(), {}));
      }
      for (const query of QUERIES) assert.deepEqual(paged(index, query, limit), naive(model.values(), query));
    }),
    { numRuns: 150 },
  );
});

test('[LG-50] the order stays right over far more touches than conversations', () => {
  const index = new ConversationIndex(() => []);
  const model = new Map<string, ConversationHead>();
  for (let i = 0; i < 9_000; i += 1) {
    const id = `c${(i * 7919) % 12}`;
    const known = model.get(id);
    const head = known === undefined ? begin(id, i) : apply(known, { id, second: i, what: 'message' });
    model.set(id, head);
    index.set(head);
    if (i % 1500 === 0) assert.deepEqual(paged(index, {}, 5), naive(model.values(), {}));
  }
  assert.deepEqual(paged(index, {}, 5), naive(model.values(), {}));
});

test('[LG-52] words of any script, case and accents aside', () => {
  assert.deepEqual(searchTerms('Élodie’s  Größe, 東京 2025—ΩΜΈΓΑ İstanbul'), [
    'elodie',
    's',
    'große',
    '東京',
    '2025',
    'ωμεγα',
    'istanbul',
  ]);
  assert.deepEqual(searchTerms(' .,;!? \u2028'), []);
});
