import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { HonestPair } from '../test/support/honest-pair.ts';
import { startServer } from '../test/support/server.ts';
import { type Measured, measured, printTable } from './report.ts';
import { scope } from './scope.ts';

const HOSTILE = 2000;
/** Until all of them are there. */
const GATHER_MS = 3000;

/** An honest pair's latency, alone and while 2,000 hostile loopback sockets of every kind share the server. */
export const benchHostile = async ({ seconds, rounds }: { seconds: number; rounds: number }): Promise<void> => {
  const whole = scope();
  try {
    const server = await startServer(whole);
    const pair = await HonestPair.meet(server.url, server.adminToken);
    const peers = new Map<string, Measured[]>([
      ['an honest pair alone', []],
      [`beside ${HOSTILE.toLocaleString('en')} hostile sockets`, []],
    ]);
    const [alone, beside] = [...peers.values()] as [Measured[], Measured[]];
    const talk = async (): Promise<Measured> => {
      const latencies: number[] = [];
      const until = performance.now() + seconds * 1000;
      while (performance.now() < until) latencies.push(await pair.exchange());
      return measured(latencies, seconds);
    };
    const memory = async (): Promise<string> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
      const sockets = /^guichet_sockets (\S+)/m.exec(text)?.[1];
      return `${Math.round(bytes / 2 ** 20)} MiB resident, ${sockets} WebSockets open`;
    };
    const before = await memory();
    let during = '';
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await talk());
      const crowd = await gather(server.url);
      beside.push(await talk());
      during = await memory();
      crowd.postMessage('stop');
      await once(crowd, 'exit');
    }
    pair.part();
    printTable('An honest pair: from one to the other, stored in between', peers);
    console.log(`  server: ${before} before; ${during} with the hostile ones`);
  } finally {
    await whole.end();
  }
};

const gather = async (url: string): Promise<Worker> => {
  const reply = await fetch(`${url}/api/v1/visitors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { token } = (await reply.json()) as { token: string };
  const { hostname: host, port } = new URL(url);
  const workerData = { target: { host, port: Number(port), token }, count: HOSTILE };
  const crowd = new Worker(new URL('hostile-worker.ts', import.meta.url), { workerData });
  await once(crowd, 'online');
  await pause(GATHER_MS);
  return crowd;
};
