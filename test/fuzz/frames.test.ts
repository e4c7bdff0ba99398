import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientFrames } from '../../src/protocol/frames.ts';
import { arbitraryOf } from '../support/arbitrary-of.ts';
import { TestSocket } from '../support/live-server.ts';
import { seedOfRun } from '../support/random.ts';
import { casesOfRun, requireCalm, requireDiscretion, startWorld } from './world.ts';

const FRAMES_A_SOCKET = 10;
const CASES = Math.ceil(casesOfRun(400) / FRAMES_A_SOCKET);
/** At length it takes as long as it takes. */
const HOURS = 6 * 3_600_000;
/** The codes that the protocol has: nothing else may close a socket. */
const CLOSES = [4400, 4401, 4413];

test('[AC-28] no frame, whatever is in it, is a fault of the server or tells of somebody else', {
  timeout: HOURS,
}, async (t) => {
  const world = await startWorld(t);
  const frames = Object.values(clientFrames).filter((schema) => schema !== clientFrames.hello);
  const text = fc.oneof(
    { weight: 20, arbitrary: fc.oneof(...frames.map((schema) => arbitraryOf(schema, world.known))).map(jsonOf) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
  let sent = 0;
  const sequence = fc.record({
    caller: fc.constantFrom(...world.callers.filter(({ token }) => token !== undefined)),
    texts: fc.array(text, { minLength: 1, maxLength: FRAMES_A_SOCKET }),
  });
  const property = fc.asyncProperty(sequence, async ({ caller, texts }) => {
    const socket = await TestSocket.open(`${world.app.url.replace('http', 'ws')}/api/v1/socket`);
    socket.send({ type: 'hello', token: caller.token! });
    await socket.next('welcome');
    for (const one of texts) socket.sendText(one);
    sent += texts.length;
    await socket.settled().catch(() => {});
    if (socket.closeCode !== undefined) assert.ok(CLOSES.includes(socket.closeCode), String(socket.closeCode));
    for (const frame of socket.frames) {
      if (frame.type === 'error') assert.notEqual(frame.code, 'internal', JSON.stringify(texts));
      requireDiscretion(caller.name, JSON.stringify(frame));
    }
    socket.close();
  });
  await fc.assert(property, { numRuns: CASES, seed: seedOfRun(), endOnFailure: true });
  requireCalm(world);
  t.diagnostic(`${sent} frames`);
});

const jsonOf = (value: unknown): string => JSON.stringify(value) ?? '';
