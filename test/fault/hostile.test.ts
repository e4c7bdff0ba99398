import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HonestPair } from '../support/honest-pair.ts';
import { NUISANCES, startHostile } from '../support/hostile.ts';
import { startServer } from '../support/server.ts';

const HOSTILE = 20 * Object.keys(NUISANCES).length;
const WORDS = 100;

test('[AC-27] an honest pair talks on while hostile sockets of every kind share the server', async (t) => {
  // Loopback addresses besides the first are there without asking on Linux only.
  if (process.platform !== 'linux') return t.skip('needs Linux');
  const server = await startServer(t);
  const pair = await HonestPair.meet(server.url, server.adminToken);
  t.after(() => pair.part());
  const reply = await fetch(`${server.url}/api/v1/visitors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { token } = (await reply.json()) as { token: string };
  const { hostname: host, port } = new URL(server.url);
  t.after(startHostile({ host, port: Number(port), token }, HOSTILE));
  for (let i = 0; i < WORDS; i += 1) await pair.exchange();
  const health = await fetch(`${server.url}/healthz`);
  assert.equal(health.status, 200);
  const faults = server.logs.filter(({ level }) => level === 'error' || level === 'fatal');
  assert.deepEqual(faults, []);
});
