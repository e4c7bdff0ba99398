import { TestSocket } from './live-server.ts';

/** A visitor and an agent who follow one conversation, and how long what one says takes to the other. */
export class HonestPair {
  readonly #visitor: TestSocket;
  readonly #agent: TestSocket;
  #said = 0;

  private constructor(visitor: TestSocket, agent: TestSocket) {
    this.#visitor = visitor;
    this.#agent = agent;
  }

  /** @param url of the server; @param agentToken may do what an agent may */
  static async meet(url: string, agentToken: string): Promise<HonestPair> {
    const call = async (path: string, body: object, token?: string) => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      const reply = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!reply.ok) throw new Error(await reply.text());
      return (await reply.json()) as { token: string };
    };
    const { token } = await call('/visitors', {});
    await call('/conversations', { id: 'honest' }, token);
    const join = async (as: string): Promise<TestSocket> => {
      const socket = await TestSocket.open(`${url.replace('http', 'ws')}/api/v1/socket`);
      socket.send({ type: 'hello', token: as });
      socket.send({ type: 'follow', conversationId: 'honest' });
      await socket.next('caughtUp');
      return socket;
    };
    return new HonestPair(await join(token), await join(agentToken));
  }

  /** The agent says something; resolves with the milliseconds until the visitor has it. */
  async exchange(): Promise<number> {
    this.#said += 1;
    const content = `word ${this.#said}`;
    const from = performance.now();
    this.#agent.send({ type: 'post', conversationId: 'honest', content });
    await this.#visitor.next('message', ({ message }) => message.content === content);
    return performance.now() - from;
  }

  part(): void {
    this.#visitor.close();
    this.#agent.close();
  }
}
