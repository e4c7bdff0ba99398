import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { App } from '../../app.ts';
import type { Committing } from '../../domain/chat.ts';
import { asGuichetError, GuichetError } from '../../domain/errors.ts';
import { CONTROL_VERSION, type ControlAnswer, type ControlCall } from './control-frames.ts';

/** Changes that commands make; the socket is no second way to everything else. */
const TAKEN = new Set(['import', 'putEntries']);

/**
 * Lets commands of the same user work on the store that this server holds. Whoever may open the socket may read and
 * write the files of the store anyway: it is in the data directory, for its owner only.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #app: Pick<App, 'erase'> & { readonly chat: Committing };

  /** @param app whose `chat` throws the outage while the store cannot be used */
  constructor(app: Pick<App, 'erase'> & { readonly chat: Committing }) {
    this.#app = app;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** One that a server which was killed left behind is in nobody's use: the directory is held by this process. */
  async listen(path: string): Promise<void> {
    if (process.platform !== 'win32') await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    if (process.platform !== 'win32') await chmod(path, 0o600);
    this.#server.unref();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    let last: Promise<void> = Promise.resolve();
    createInterface({ input: socket }).on('line', (line) => {
      last = last.then(async () => {
        const answer = await this.#answer(line);
        if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
      });
    });
  }

  async #answer(line: string): Promise<ControlAnswer> {
    try {
      const call = JSON.parse(line) as ControlCall;
      if (call.call === 'hello' && call.version === CONTROL_VERSION) return { ok: {} };
      if (call.call === 'erase') return { ok: await this.#app.erase(call.id, call) };
      if (call.call !== 'commit' || !TAKEN.has(call.change.type)) {
        throw new GuichetError('refused', 'The server is of another version than this command. Stop it first.');
      }
      const { done } = await this.#app.chat.log.commit(call.change);
      return { ok: { added: done.added, repeated: done.repeated } };
    } catch (error) {
      const { code, detail } = asGuichetError(error);
      return { error: { code, detail } };
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
