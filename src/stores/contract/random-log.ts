import fc from 'fast-check';
import type { Actor } from '../../domain/access.ts';
import type { Change, Outcome } from '../../domain/change.ts';
import type { Store } from '../../domain/store.ts';
import {
  admin,
  agent,
  agentEntry,
  attachmentOf,
  contactEntry,
  importedConversation,
  importedMessage,
  importOf,
  note,
  patch,
  post,
  put,
  rate,
  read,
  redact,
  start,
  visitor,
} from '../../domain/testing/changes.ts';
import type { Writer } from './writer.ts';

/** Few names, so that changes meet: repeats, conflicts, refusals and ties are all among them. */
const VISITORS = ['v1', 'v2', 'claire'];
const AGENTS = ['claire', 'denis'];
const CONVERSATIONS = ['c1', 'c2', 'C1', '__proto__'];
const EMAILS = [null, 'one@example.org', 'two@example.org'];
const OLD = '2001-01-01T00:00:00.000Z';
const FUTURE = '2099-01-01T00:00:00.000Z';

/** A change, or for a read mark the seq whose numbers have to be looked up. */
type Step = Change | { readonly type: 'readTo'; readonly actor: Actor; readonly id: string; readonly seq: number };

/** One batch: how far the clock moves, and what is asked for. */
export interface Round {
  readonly clock: number;
  readonly steps: readonly Step[];
}

const conversationId = fc.constantFrom(...CONVERSATIONS);
const messageId = fc.nat({ max: 40 }).map((n) => `m${n}`);
const someVisitor = fc.constantFrom(...VISITORS).map(visitor);
const someAgent = fc.constantFrom(...AGENTS).map(agent);
const someone = fc.oneof(someVisitor, someAgent);
const content = fc.constantFrom('hello', '', 'a "quoted"\nline\u2028', '}]', '👋🏽');
const attachments = fc.constantFrom(undefined, [attachmentOf('a.png')], [attachmentOf('b'), attachmentOf('a.png')]);
const time = fc.constantFrom(OLD, '2025-01-06T08:00:30.000Z', FUTURE);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(someone, conversationId, messageId, content, attachments)
      .map(([who, c, m, text, files]) => post(who, c, m, { content: text, ...(files && { attachments: files }) })),
  },
  { weight: 3, arbitrary: fc.tuple(someAgent, conversationId, messageId).map(([who, c, m]) => note(who, c, m)) },
  { weight: 3, arbitrary: fc.tuple(someVisitor, conversationId).map(([who, c]) => start(who, c)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(conversationId, fc.constantFrom(...VISITORS), messageId)
      .map(([c, userId, id]) =>
        start(admin('claire'), c, { userId, message: { id, content: 'first', sender: { id: userId, type: 'USER' } } }),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(someone, conversationId, fc.nat({ max: 12 }))
      .map(([actor, id, seq]) => ({ type: 'readTo' as const, actor, id, seq })),
  },
  { weight: 2, arbitrary: fc.tuple(someAgent, conversationId, messageId).map(([who, c, m]) => redact(who, c, m)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        someAgent,
        conversationId,
        fc.record(
          {
            status: fc.constantFrom('ACTIVE', 'SNOOZED', 'CLOSED'),
            agentId: fc.constantFrom(null, ...AGENTS),
            subject: fc.constantFrom(null, 'Bill', 'Élan vital'),
            labels: fc.constantFrom([], ['vip'], ['vip', 'late']),
          },
          { requiredKeys: [] },
        ),
      )
      .map(([who, c, fields]) => patch(who, c, fields)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(someVisitor, conversationId, fc.integer({ min: 1, max: 5 }), fc.constantFrom(null, 'thank you'))
      .map(([who, c, score, comment]) => rate(who, c, score, comment)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...AGENTS), fc.constantFrom(...EMAILS))
      .map(([id, email]) => put(agentEntry(id, { email }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...VISITORS), fc.constantFrom('Zoé', null), fc.constantFrom(undefined, { plan: 'pro' }))
      .map(([id, name, attributes]) => put(contactEntry(id, { name, ...(attributes && { attributes }) }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(conversationId, fc.constantFrom(...VISITORS), time, time, messageId)
      .map(([c, userId, at, then, m]) =>
        importOf(
          importedConversation(c, userId, { createdAt: at }),
          importedMessage(c, m, { senderId: userId, createdAt: then }),
          importedMessage(c, `event.${m.slice(1)}`, { senderId: 'claire', senderType: 'AGENT', createdAt: then }),
        ),
      ),
  },
);

/** A log to be: batches of changes, many of which will be refused or repeated. */
export const rounds = (maxLength: number): fc.Arbitrary<readonly Round[]> =>
  fc.array(
    fc.record({
      clock: fc.constantFrom(0, 1, 1000, 60_000, -500),
      steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength },
  );

/** People that every random log begins with. */
export const beginRandom = async (writer: Writer): Promise<void> => {
  await writer.submit(put(...VISITORS.map((id) => contactEntry(id)), ...AGENTS.map((id) => agentEntry(id))));
};

/** Has one batch written; answers what was asked and what became of it. */
export const play = async (writer: Writer, round: Round): Promise<{ change: Change; outcome: Outcome }[]> => {
  writer.step = round.clock;
  const changes: Change[] = [];
  for (const each of round.steps) {
    const change = await changeOf(each, writer.store);
    if (change !== undefined) changes.push(change);
  }
  const outcomes = await writer.attempt(...changes);
  return changes.map((change, i) => ({ change, outcome: outcomes[i]! }));
};

/** A reader names a message it has seen; the numbers of the mark are that message's. */
const changeOf = async (each: Step, store: Store): Promise<Change | undefined> => {
  if (each.type !== 'readTo') return each;
  const shown = each.actor.type === 'visitor';
  const { messages } = await store.messages(each.id, { before: each.seq + 1, limit: 1, public: shown });
  const marked = messages.at(-1)?.value;
  return marked && read(each.actor, each.id, marked.seq, marked.publicSeq);
};
