import type { FastifyRequest } from 'fastify';
import type Type from 'typebox';
import type { Actor } from '../domain/access.ts';
import type { HttpContext, Running } from './running.ts';
import type { Static } from './schema.ts';

type Fields = Type.TObject;
type Values<S extends Fields | undefined> = S extends Fields ? Static<S> : undefined;

/** One request, checked: what an operation sees of it. */
export interface Call<P extends Fields | undefined, Q extends Fields | undefined, B extends Fields | undefined> {
  /** The caller; there is none to speak of in an operation for anyone. */
  readonly actor: Actor;
  /** The call carries ADMIN_TOKEN, also where nobody asks who calls: it pays from nobody's budget. */
  readonly automation: boolean;
  readonly params: Values<P>;
  readonly query: Values<Q>;
  readonly body: Values<B>;
  readonly request: FastifyRequest;
  readonly running: Running;
  readonly context: HttpContext;
}

/** What an operation answers. `json` is a body that is JSON text already. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly json?: string;
  /** Instead of JSON, sent as it is made; `headers` say what it is. */
  readonly stream?: AsyncIterable<Uint8Array | string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const done: Answer = { status: 204 };

/** One call of the public surface: what it takes, what it answers, and what it does. */
export interface Operation {
  readonly summary: string;
  readonly params?: Fields;
  readonly query?: Fields;
  readonly body?: Fields;
  /** The body is bytes of any kind, which the operation reads from the request itself. */
  readonly raw?: true;
  /** Schema by status; `null` for an answer without a body. */
  readonly answers: Readonly<Record<number, Type.TSchema | null>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shapes of one call are known where it is made, not in the table
  run(call: Call<any, any, any>): Promise<Answer>;
}

interface Spec<P extends Fields | undefined, Q extends Fields | undefined, B extends Fields | undefined> {
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly raw?: true;
  readonly answers: Operation['answers'];
  run(call: Call<P, Q, B>): Promise<Answer>;
}

/** Makes an operation; the types of what it takes follow from its schemas. */
export const operation = <
  P extends Fields | undefined = undefined,
  Q extends Fields | undefined = undefined,
  B extends Fields | undefined = undefined,
>(
  spec: Spec<P, Q, B>,
): Operation => spec as Operation;
