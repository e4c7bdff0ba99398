import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from '../test/support/server.ts';
import { BenchSocket, drive, type Pair } from './load.ts';
import { type Measured, measured, printTable } from './report.ts';
import { scope } from './scope.ts';

const PAIRS = 100;
const WINDOW = 16;

interface Peer {
  readonly pairs: readonly Pair[];
  /** Microseconds of CPU the server has used so far. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** The whole server over WebSocket against a bare relay that stores nothing: 100 pairs, 16 messages each under way. */
export const benchRelay = async (options: { seconds: number; rounds: number }): Promise<void> => {
  const peers: Record<string, () => Promise<Peer>> = {
    'bare ws relay, stores nothing': startRelay,
    'guichet, file store, durable before ack': startGuichet,
  };
  const results = new Map<string, Measured[]>(Object.keys(peers).map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, start] of Object.entries(peers)) {
      const peer = await start();
      const before = await peer.cpu();
      const latencies = await drive(peer.pairs, WINDOW, options.seconds);
      // The half second of warm-up is in the CPU figure but not among the messages.
      const cpu = ((await peer.cpu()) - before) * (options.seconds / (options.seconds + 0.5));
      results.get(name)!.push(measured(latencies, options.seconds, cpu));
      await peer.stop();
    }
  }
  printTable(`Relay: ${PAIRS} pairs, window ${WINDOW}, 200-byte messages, delivered and acknowledged`, results);
};

const startRelay = async (): Promise<Peer> => {
  const child: ChildProcess = fork(fileURLToPath(new URL('./peers/bare-relay.ts', import.meta.url)));
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const open = async (i: number): Promise<Pair> => ({
    a: await BenchSocket.open(`${url}/a${i}`),
    b: await BenchSocket.open(`${url}/b${i}`),
    conversationId: `c${i}`,
  });
  const pairs = await Promise.all(Array.from({ length: PAIRS }, (_, i) => open(i)));
  return {
    pairs,
    cpu: async () => {
      child.send('cpu');
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
      return cpu.user + cpu.system;
    },
    stop: async () => {
      closeAll(pairs);
      child.disconnect();
      await once(child, 'exit');
    },
  };
};

const startGuichet = async (): Promise<Peer> => {
  const own = scope();
  const server = await startServer(own);
  const socket = server.url.replace('http', 'ws').concat('/api/v1/socket');
  const call = async (path: string, body: object): Promise<Record<string, { id: string }> & { token: string }> => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.adminToken}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as never;
  };
  const join = async (token: string): Promise<BenchSocket> => {
    const opened = await BenchSocket.open(socket);
    const welcome = opened.next('welcome');
    opened.send(JSON.stringify({ type: 'hello', token }));
    await welcome;
    return opened;
  };
  const open = async (i: number): Promise<Pair> => {
    const { visitor, token } = await call('/visitors', { name: `Visitor ${i}` });
    const { conversation } = await call('/conversations', { userId: visitor!.id });
    const [a, b] = [await join(server.adminToken), await join(token)];
    const caughtUp = b.next('caughtUp');
    b.send(JSON.stringify({ type: 'follow', conversationId: conversation!.id, after: 0 }));
    await caughtUp;
    return { a, b, conversationId: conversation!.id };
  };
  const pairs: Pair[] = [];
  for (let i = 0; i < PAIRS; i++) pairs.push(await open(i));
  return {
    pairs,
    cpu: async () => cpuOf(server.pid),
    stop: async () => {
      closeAll(pairs);
      await server.stop();
      await own.end();
    },
  };
};

const closeAll = (pairs: readonly Pair[]): void => {
  for (const { a, b } of pairs) {
    a.close();
    b.close();
  }
};

/** User and system time of a process in microseconds, from the kernel (ticks of 10 ms); NaN where it tells none. */
const cpuOf = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return Number.NaN;
  }
};
