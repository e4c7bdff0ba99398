import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Where a hostile client comes from: loopback addresses of its own, so that it shares no budget with honest ones. */
const ADDRESSES = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`);
/** Pause between two nuisances of one socket, and before one that was cut comes back. */
const TICK_MS = 250;

interface Target {
  readonly host: string;
  readonly port: number;
  /** Of a visitor, for those who get past hello. */
  readonly token: string;
}

const upgrade = ({ host, port }: Target): string =>
  [
    ...['GET /api/v1/socket HTTP/1.1', `host: ${host}:${port}`, 'connection: Upgrade', 'upgrade: websocket'],
    ...[`sec-websocket-key: ${randomBytes(16).toString('base64')}`, 'sec-websocket-version: 13', '', ''],
  ].join('\r\n');

/** One WebSocket frame as a client sends it, masked with zeros. */
const frame = (text: string, { opcode = 1, fin = true } = {}): Buffer => {
  const body = Buffer.from(text);
  const long = body.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (long ? 126 : body.length);
  if (long) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};

type Nuisance = (socket: Socket, target: Target, tick: number) => void;

/** What hostile clients do, each at every tick of its socket. */
export const NUISANCES: Readonly<Record<string, Nuisance>> = {
  'sends its headers a byte at a time': (socket, _, tick) =>
    socket.write('GET /api/v1/me HTTP/1.1\r\nx-slow: aaaaaaaaaaaaaa'[tick] ?? 'a'),
  'floods headers': (socket) =>
    socket.write(`GET / HTTP/1.1\r\n${'x-flood: yyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(800)}`),
  'sends a body that never ends': (socket, { host }, tick) =>
    socket.write(
      tick === 0
        ? `POST /api/v1/visitors HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 200000\r\n\r\n`
        : '[',
    ),
  'opens a socket and never says hello': (socket, target, tick) => tick === 0 && socket.write(upgrade(target)),
  'says nonsense': (socket, target, tick) => socket.write(tick === 0 ? upgrade(target) : frame('['.repeat(1000))),
  'sends a message in pieces without an end': (socket, target, tick) =>
    socket.write(tick === 0 ? upgrade(target) : frame('x'.repeat(10_000), { opcode: tick === 1 ? 1 : 0, fin: false })),
  'posts as fast as it can, and to others': (socket, target, tick) => {
    if (tick === 0) socket.write(upgrade(target));
    else if (tick === 1) socket.write(frame(JSON.stringify({ type: 'hello', token: target.token })));
    else {
      const post = { type: 'post', conversationId: 'not-mine', content: 'x'.repeat(200) };
      for (let i = 0; i < 5; i += 1) socket.write(frame(JSON.stringify(post)));
    }
  },
  'asks and never reads': (socket, target, tick) => {
    if (tick === 0) {
      socket.write(upgrade(target));
      socket.pause();
    } else if (tick === 1) socket.write(frame(JSON.stringify({ type: 'hello', token: target.token })));
    else socket.write(frame('{"type":"ping"}').toString('latin1').repeat(20), 'latin1');
  },
  'comes and goes': (socket, _, tick) => tick > 0 && socket.destroy(),
};

/**
 * So many hostile sockets at once, of every kind, each of which comes back a moment after it was cut.
 * The function answered ends them all.
 */
export const startHostile = (target: Target, count: number): (() => void) => {
  const kinds = Object.values(NUISANCES);
  let isOver = false;
  const open = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const later = (work: () => void): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        if (!isOver) work();
      },
      TICK_MS * (0.5 + Math.random()),
    );
    timers.add(timer);
  };
  const harass = (nth: number): void => {
    const localAddress = ADDRESSES[nth % ADDRESSES.length]!;
    const socket = connect({ host: target.host, port: target.port, localAddress });
    open.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => {
      open.delete(socket);
      later(() => harass(nth));
    });
    const tick = (n: number): void => {
      if (socket.destroyed) return;
      if (socket.writable) kinds[nth % kinds.length]!(socket, target, n);
      later(() => tick(n + 1));
    };
    socket.on('connect', () => tick(0));
  };
  for (let nth = 0; nth < count; nth += 1) later(() => harass(nth));
  return () => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
    for (const socket of open) socket.destroy();
  };
};
