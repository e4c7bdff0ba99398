import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import type { ServerFrame } from '../../src/protocol/frames.ts';
import type { Ledger } from './ledger.ts';
import type { TestServer } from './server.ts';

/** One socket that posts a message as soon as the one before is answered, until the socket is gone. */
const write = async (server: TestServer, ledger: Ledger, conversationId: string, backlog: Retry[]): Promise<void> => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/socket`);
  // A killed server resets the connection; what that means for a message is the ledger's business.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const post = (): void => {
    const [id, to, content] = backlog.pop() ?? [randomUUID(), conversationId, `${randomUUID()} é “\u2028” 🙂`];
    const kind = id.charCodeAt(0) % 8 === 0 ? 'note' : 'message';
    ledger.sending(id, to, content);
    socket.send(JSON.stringify({ type: 'post', ref: id, conversationId: to, id, content, kind }));
  };
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token: server.adminToken })));
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as ServerFrame;
    if (frame.type === 'welcome') post();
    if (frame.type === 'posted') {
      if (frame.stored.durable) ledger.acknowledged(frame.message.id, frame.message.seq);
      post();
    }
    if (frame.type === 'error') {
      if (frame.retry === 'never') throw new Error(`a post was refused: ${frame.code}`);
      post();
    }
  });
  await closed;
};

type Retry = [id: string, conversationId: string, content: string];

/**
 * Starts writers that together never stop writing; first they send again, under the same ids, what the ledger has no
 * answer for. Resolves when all their sockets are closed: end the server to end them.
 */
export const runWriters = async (
  server: TestServer,
  ledger: Ledger,
  count: number,
  conversations: readonly string[],
): Promise<void> => {
  const backlog = ledger.unanswered;
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      write(server, ledger, conversations[index % conversations.length] ?? '', backlog),
    ),
  );
};
