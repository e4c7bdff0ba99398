import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { clientFrames } from '../../src/protocol/frames.ts';
import { newAgent, newVisitor, startTestApp, type TestApp } from '../support/app.ts';
import { TestSocket } from '../support/live-server.ts';

const CALLERS = ['nobody', 'visitor', 'stranger', 'agent', 'admin', 'automation'] as const;
type Caller = (typeof CALLERS)[number];

interface Row {
  readonly frame: (fresh: () => string) => { type: keyof typeof clientFrames } & Record<string, unknown>;
  /** What comes back, by caller in the order of {@link CALLERS}: the type of a frame, the code of an error, or silence. */
  readonly expect: readonly [string, string, string, string, string, string];
}

const post = (fresh: () => string, kind: string) =>
  ({ type: 'post', conversationId: 'c1', id: fresh(), content: 'x', kind }) as const;

/** Every frame of the protocol on the conversation of `visitor`, by every kind of caller, who has said hello. */
const ROWS: readonly Row[] = [
  {
    frame: () => ({ type: 'hello', token: 'again' }),
    expect: ['unauthorized', 'protocol', 'protocol', 'protocol', 'protocol', 'protocol'],
  },
  {
    frame: () => ({ type: 'follow', conversationId: 'c1', after: 0 }),
    expect: ['protocol', 'caughtUp', 'not_found', 'caughtUp', 'caughtUp', 'caughtUp'],
  },
  {
    frame: () => ({ type: 'unfollow', conversationId: 'c1' }),
    expect: ['protocol', 'silence', 'silence', 'silence', 'silence', 'silence'],
  },
  {
    frame: () => ({ type: 'followInbox' }),
    expect: ['protocol', 'caughtUp', 'caughtUp', 'caughtUp', 'caughtUp', 'caughtUp'],
  },
  {
    frame: (fresh) => post(fresh, 'message'),
    expect: ['protocol', 'posted', 'not_found', 'posted', 'posted', 'posted'],
  },
  {
    frame: (fresh) => post(fresh, 'note'),
    expect: ['protocol', 'forbidden', 'not_found', 'posted', 'posted', 'posted'],
  },
  {
    frame: () => ({ type: 'read', conversationId: 'c1', seq: 1 }),
    expect: ['protocol', 'silence', 'not_found', 'silence', 'silence', 'silence'],
  },
  {
    frame: () => ({ type: 'typing', conversationId: 'c1', typing: true }),
    expect: ['protocol', 'silence', 'not_found', 'silence', 'silence', 'silence'],
  },
  { frame: () => ({ type: 'ping' }), expect: ['protocol', 'pong', 'pong', 'pong', 'pong', 'pong'] },
];

/** Looks into the store that an answer may take before it is told. */
const ROUNDS = 5;

describe('frames', () => {
  const ends: (() => void | Promise<void>)[] = [];
  let app: TestApp;
  let tokens: Record<Exclude<Caller, 'nobody'>, string>;
  let made = 0;

  before(async () => {
    app = await startTestApp({ after: (end) => ends.push(end) });
    const [visitor, stranger] = [await newVisitor(app), await newVisitor(app)];
    const [agent, admin] = [await newAgent(app, 'ann'), await newAgent(app, 'adam', 'admin')];
    const body = { id: 'c1', message: { id: 'm1', content: 'hello' } };
    await app.ask('POST', '/conversations', { token: visitor.token, body });
    tokens = {
      visitor: visitor.token,
      stranger: stranger.token,
      agent: agent.token,
      admin: admin.token,
      automation: app.adminToken,
    };
  });
  after(async () => {
    for (const end of ends) await end();
  });

  const outcomeOf = async (caller: Caller, row: Row): Promise<string> => {
    const socket = await TestSocket.open(`${app.url.replace('http', 'ws')}/api/v1/socket`);
    if (caller !== 'nobody') {
      socket.send({ type: 'hello', token: tokens[caller] });
      await socket.next('welcome');
    }
    const from = socket.frames.length;
    const sent = row.frame(() => `fresh-${++made}`);
    // What else a follow brings is not looked at; a pong is the answer to a ping only.
    const outcomes = new Set(['caughtUp', 'posted', 'error', ...(sent.type === 'ping' ? ['pong'] : [])]);
    const outcome = () => socket.frames.slice(from).find((frame) => outcomes.has(frame.type));
    socket.sendText(JSON.stringify(sent));
    if (caller === 'nobody') await socket.next('error');
    else for (let round = 0; round < ROUNDS && outcome() === undefined; round += 1) await socket.settled();
    const found = outcome();
    socket.close();
    if (found === undefined) return 'silence';
    return found.type === 'error' ? found.code : found.type;
  };

  for (const [index, row] of ROWS.entries()) {
    const { type, kind = '' } = row.frame(() => 'x');
    test(`[AC-1] ${type} ${kind as string} (${index})`, async () => {
      const outcomes = await Promise.all(CALLERS.map((caller) => outcomeOf(caller, row)));
      assert.deepEqual(
        Object.fromEntries(CALLERS.map((caller, i) => [caller, outcomes[i]])),
        Object.fromEntries(CALLERS.map((caller, i) => [caller, row.expect[i]])),
      );
    });
  }

  test('[AC-1] every frame of the protocol is in this table', () => {
    const listed = new Set(ROWS.map((row) => row.frame(() => 'x').type));
    assert.deepEqual([...listed].sort(), Object.keys(clientFrames).sort());
  });
});
