import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, Problem, Stored } from '../../src/protocol/entities.ts';
import { call } from './call.ts';
import type { Ledger } from './ledger.ts';
import type { TestServer } from './server.ts';

/** Between two attempts of a client that was told to try later, in milliseconds. */
const PAUSE_MS = 50;

/** Clients at work. */
export interface Posters {
  /** How many posts were told to try later, by code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Resolves when it holds; rejects when one of the clients met what it must not meet. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Ends them, and waits until none has anything under way. */
  stop(): Promise<void>;
}

/**
 * Posts one message, as a client does: under the same id until it is acknowledged. Anything but an acknowledgement or
 * *try again* is an error.
 */
const postOne = async (
  server: TestServer,
  ledger: Ledger,
  conversationId: string,
  refused: (code: string) => void,
  isOver: () => boolean,
): Promise<void> => {
  const [id, content] = [randomUUID(), `${randomUUID()} é 🙂`];
  ledger.sending(id, conversationId, content);
  while (!isOver()) {
    const path = `/conversations/${conversationId}/messages`;
    const { status, headers, body } = await call<{ message: Message; stored: Stored } & Problem>(server, 'POST', path, {
      ...{ id, content },
    });
    if (status === 200 || status === 201) {
      assert.equal(body.stored.durable, true);
      ledger.acknowledged(id, body.message.seq);
      return;
    }
    assert.equal(status, 503, JSON.stringify(body));
    assert.notEqual(body.retry, 'never');
    assert.ok(headers.has('retry-after'), 'says when to try again');
    refused(body.code);
    await delay(PAUSE_MS);
  }
};

/** Starts so many clients that post one message after the other, by turns into these conversations. */
export const startPosters = (
  server: TestServer,
  ledger: Ledger,
  count: number,
  conversations: readonly string[],
): Posters => {
  let over = false;
  let failure: unknown;
  const refusals = new Map<string, number>();
  const refused = (code: string) => refusals.set(code, (refusals.get(code) ?? 0) + 1);
  const post = async (conversationId: string): Promise<void> => {
    while (!over) await postOne(server, ledger, conversationId, refused, () => over);
  };
  const posting = Array.from({ length: count }, (_, i) => post(conversations[i % conversations.length] ?? ''));
  const running = Promise.all(posting).catch((error: unknown) => {
    over = true;
    failure = error;
  });
  return {
    refusals,
    until: async (holds) => {
      while (!(await holds())) {
        if (failure !== undefined) throw failure;
        await delay(20);
      }
    },
    stop: async () => {
      over = true;
      await running;
      if (failure !== undefined) throw failure;
    },
  };
};
