import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { encodeTextFrames } from './text-frames.ts';

/** The fixed text of the opening handshake (RFC 6455, section 1.3). */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

test('[LV-11] frames of every length class arrive as they were sent, also cut at any byte', async (t) => {
  const texts = ['', 'a', 'x'.repeat(125), 'é'.repeat(63), 'x'.repeat(126), 'x'.repeat(65_535), '😀'.repeat(20_000)];
  const bytes = encodeTextFrames(texts);
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (\S+)/i.exec(request.toString())![1];
      const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
      const upgrade = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.write(`${upgrade.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
      for (let at = 0; at < bytes.length; at += 997) socket.write(bytes.subarray(at, at + 997));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    client.terminate();
    server.close();
  });
  const received: string[] = [];
  await new Promise<void>((resolved) => {
    client.on('message', (data: Buffer, isBinary) => {
      assert.equal(isBinary, false);
      received.push(data.toString());
      if (received.length === texts.length) resolved();
    });
  });
  assert.deepEqual(received, texts);
});
