import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aMessage, ScriptedServer } from '../../test/support/scripted-server.ts';
import { createApi } from './api.ts';
import { createCall } from './http.ts';
import type { MessageState } from './message-state.ts';
import { Thread } from './thread.ts';

const LADDER: (MessageState | undefined)[] = ['unsaved', 'stored', 'delivered', 'read'];

const aThread = (side: 'visitor' | 'agent' = 'visitor'): Thread => {
  const server = new ScriptedServer();
  const call = createCall({ baseUrl: 'http://guichet.test', token: () => undefined, fetch: server.fetch });
  return new Thread('c1', side, createApi(call), () => []);
};

const mine = (seq: number, durable = true) => aMessage(seq, { senderType: 'USER', senderId: 'v1', durable });

test('reports in any order and number never take a message down the ladder', () => {
  const report = fc.record({
    what: fc.constantFrom('message', 'delivered', 'read', 'stored'),
    seq: fc.integer({ min: 1, max: 4 }),
    durable: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(report, { maxLength: 30 }), (reports) => {
      const thread = aThread();
      thread.apply(mine(2, false));
      let rank = 0;
      for (const { what, seq, durable } of reports) {
        if (what === 'message') thread.apply(mine(2, durable));
        else if (what === 'delivered') thread.applyFrame({ type: 'delivered', conversationId: 'c1', seq });
        else if (what === 'stored') thread.applyStored([{ id: 'm2', seq: 2 }]);
        else thread.applyRead({ conversationId: 'c1', readerId: 'a1', readerType: 'AGENT', seq, at: '' });
        const next = LADDER.indexOf(thread.items[0]!.state);
        assert.ok(next >= rank, `${LADDER[rank]} became ${LADDER[next]}`);
        rank = next;
      }
    }),
  );
});

test('only what the other side has read counts as read', () => {
  const thread = aThread();
  thread.apply(mine(1));
  thread.applyRead({ conversationId: 'c1', readerId: 'v1', readerType: 'USER', seq: 1, at: '' });
  assert.equal(thread.items[0]!.state, 'stored');
});

test('a note is never called delivered or read', () => {
  const thread = aThread('agent');
  thread.apply(aMessage(1, { kind: 'note' }));
  thread.apply(aMessage(2));
  thread.applyFrame({ type: 'delivered', conversationId: 'c1', seq: 2 });
  thread.applyRead({ conversationId: 'c1', readerId: 'v1', readerType: 'USER', seq: 2, at: '' });
  assert.deepEqual(
    thread.items.map(({ state }) => state),
    ['stored', 'read'],
  );
});

test("the other side's messages carry no state", () => {
  const thread = aThread();
  thread.apply(aMessage(1));
  assert.equal(thread.items[0]!.state, undefined);
});
