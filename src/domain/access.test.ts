import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, type Actor, authorize, authorizeOn, postAction, SYSTEM, senderOf } from './access.ts';
import { senderFor } from './actions/post-message.ts';
import { asGuichetError } from './errors.ts';
import { admin, agent, visitor } from './testing/changes.ts';

const CALLERS: Record<string, Actor> = {
  visitor: visitor('anna'),
  agent: agent('claire'),
  admin: admin('root'),
  automation: { type: 'agent', id: 'admin', role: 'admin', automation: true },
  system: SYSTEM,
};

/**
 * Every right against every caller: at all, in a conversation of the visitor's own, in another's, in none.
 * `+` may, `-` forbidden, `0` not found.
 */
const TABLE: Record<Action, Record<keyof typeof CALLERS, string>> = {
  'conversations.list': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'conversation.read': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'conversation.start': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'conversation.startForOthers': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'conversation.change': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'conversation.rate': { visitor: '++00', agent: '---0', admin: '---0', automation: '---0', system: '---0' },
  'message.post': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'message.postNote': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'message.postForOthers': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
  'message.redact': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'messages.search': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'read.mark': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'typing.send': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'changes.read': { visitor: '++00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'storage.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'visitor.token': { visitor: '++00', agent: '---0', admin: '---0', automation: '---0', system: '---0' },
  'visitor.revoke': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '+++0' },
  'visitor.block': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'visitor.erase': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
  'visitor.export': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '---0' },
  'audit.read': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '---0' },
  'retention.change': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
  'agents.list': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'agents.manage': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
  'password.change': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'account.manage': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'settings.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'settings.change': { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
  'visitor.change': { visitor: '++00', agent: '---0', admin: '---0', automation: '---0', system: '---0' },
  'contact.change': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'labels.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'labels.change': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'cannedReplies.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'cannedReplies.change': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'mentions.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  'statistics.read': { visitor: '--00', agent: '+++0', admin: '+++0', automation: '+++0', system: '---0' },
  import: { visitor: '--00', agent: '---0', admin: '+++0', automation: '+++0', system: '+++0' },
};

const SIGNS: Record<string, string> = { forbidden: '-', not_found: '0' };

const sign = (attempt: () => unknown): string => {
  try {
    attempt();
    return '+';
  } catch (error) {
    return SIGNS[asGuichetError(error).code] ?? '?';
  }
};

const own = { conversation: { userId: 'anna' } };
const another = { conversation: { userId: 'bruno' } };

for (const [action, row] of Object.entries(TABLE) as [Action, Record<string, string>][]) {
  test(`[LG-17] ${action}`, () => {
    for (const [name, caller] of Object.entries(CALLERS)) {
      const found = [
        sign(() => authorize(caller, action)),
        sign(() => authorizeOn(caller, action, own)),
        sign(() => authorizeOn(caller, action, another)),
        sign(() => authorizeOn(caller, action, undefined)),
      ];
      assert.equal(found.join(''), row[name], `${name}: ${action}`);
    }
  });
}

test('[LG-16] what is another’s and what is not there are told in the same words', () => {
  const words = [another, undefined].map((head) => {
    try {
      return authorizeOn(visitor('anna'), 'message.post', head);
    } catch (error) {
      const { code, message, detail } = asGuichetError(error);
      return { code, message, detail };
    }
  });
  assert.deepEqual(words[0], words[1]);
});

test('[LG-16] an agent who bears a visitor’s id does not count as that visitor, nor the other way round', () => {
  assert.equal(
    sign(() => authorizeOn(visitor('claire'), 'message.postNote', { conversation: { userId: 'claire' } })),
    '-',
  );
  assert.equal(
    sign(() => authorizeOn(agent('anna'), 'message.postForOthers', own)),
    '-',
  );
});

test('[LG-18] everybody writes in the own name', () => {
  assert.deepEqual(Object.values(CALLERS).map(senderOf), [
    { id: 'anna', type: 'USER' },
    { id: 'claire', type: 'AGENT' },
    { id: 'root', type: 'AGENT' },
    { id: 'admin', type: 'AGENT' },
    { id: 'system', type: 'SYSTEM' },
  ]);
  for (const caller of Object.values(CALLERS)) assert.deepEqual(senderFor(caller, {}), senderOf(caller));
});

test('[LG-18] another’s name takes the right to it, whatever half of it is given', () => {
  const names = [{ senderId: 'bruno', senderType: 'USER' }, { senderType: 'BOT' }, { senderId: 'bruno' }] as const;
  for (const name of names) {
    for (const caller of [CALLERS.visitor!, CALLERS.agent!]) {
      assert.throws(() => senderFor(caller, name), { code: 'forbidden' });
    }
  }
  const root = admin('root');
  assert.deepEqual(senderFor(root, { senderId: 'bruno', senderType: 'USER' }), { id: 'bruno', type: 'USER' });
  assert.deepEqual(senderFor(root, { senderType: 'BOT' }), { id: 'bot', type: 'BOT' });
  assert.throws(() => senderFor(root, { senderId: 'bruno' }), { code: 'invalid' });
  assert.throws(() => senderFor(root, { senderType: 'USER' }), { code: 'invalid' });
});

test('[LG-17] a note takes the right to notes', () => {
  assert.equal(postAction('message'), 'message.post');
  assert.equal(postAction('note'), 'message.postNote');
});
