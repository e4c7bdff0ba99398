import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { StoreUrl } from '../../config/store-url.ts';
import type { EraseHow } from '../../domain/actions/erase-visitor.ts';
import type { Change } from '../../domain/change.ts';
import type { Committing } from '../../domain/chat.ts';
import { GuichetError } from '../../domain/errors.ts';
import { CONTROL_VERSION, type ControlAnswer, type ControlAnswers, type ControlCall } from './control-frames.ts';
import { controlPath } from './control-path.ts';

/** The chat of the server that holds a store, for the commands that write to it. */
export class ControlClient implements Committing {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (answer: ControlAnswer) => void; reject: (error: Error) => void }[] = [];
  readonly log = { commit: (change: Change) => this.#commit(change) };

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as ControlAnswer);
    });
    socket.on('close', () => {
      const gone = new GuichetError('unavailable', 'The server ended. Run the command again: nothing is added twice.');
      for (const { reject } of this.#waiting.splice(0)) reject(gone);
    });
  }

  /** To the server of these stores; `undefined` when none answers. */
  static async to(stores: readonly StoreUrl[]): Promise<ControlClient | undefined> {
    const path = controlPath(stores);
    if (path === undefined) return undefined;
    const socket = connect(path);
    const answers = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!answers) return undefined;
    const client = new ControlClient(socket);
    await client.#ask({ call: 'hello', version: CONTROL_VERSION });
    return client;
  }

  async #commit(change: Change) {
    return { done: await this.#ask({ call: 'commit', change }) };
  }

  /** @throws GuichetError `not_found` */
  erase(id: string, how: EraseHow): Promise<ControlAnswers['erase']> {
    return this.#ask({ call: 'erase', id, ...how });
  }

  async #ask<C extends ControlCall>(call: C): Promise<ControlAnswers[C['call']]> {
    const answer = await new Promise<ControlAnswer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify(call)}\n`);
    });
    if ('error' in answer) throw new GuichetError(answer.error.code, answer.error.detail);
    return answer.ok as ControlAnswers[C['call']];
  }

  close(): void {
    this.#socket.destroy();
  }
}
