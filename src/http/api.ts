import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { type Actor, authorize } from '../domain/access.ts';
import { GuichetError } from '../domain/errors.ts';
import { addressKey } from './budgets.ts';
import type { Answer } from './operation.ts';
import { ROUTES, type Route } from './routes.ts';
import type { HttpContext, Running } from './running.ts';

export const API_BASE = '/api/v1';

/** Seconds that a browser remembers what it may call from another site. */
const PREFLIGHT_SECONDS = 600;

const NOT_JSON = 'The body must be JSON, with content-type: application/json.';
const NOT_BYTES = 'The body must be the bytes of the file, with content-type: application/octet-stream.';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is left to the operation. */
    raw?: boolean;
  }
}

/** Registers every call of the route table, with the door in front of it. */
export const registerApi = (server: FastifyInstance, context: HttpContext): void => {
  const callers = new WeakMap<FastifyRequest, Actor>();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', async (request: FastifyRequest, body: unknown) => {
    if (request.routeOptions.config.raw !== true) throw new GuichetError('invalid', NOT_JSON);
    return body;
  });
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      if (request.routeOptions.config.raw === true) throw new GuichetError('invalid', NOT_BYTES);
      return parseJson(body);
    },
  );

  server.addHook('onRequest', async (request, reply) => {
    if (!isApi(request)) return;
    reply.header('cache-control', 'no-store');
    checkOrigin(request, reply, context);
  });

  server.options(`${API_BASE}/*`, async (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
      .header('access-control-allow-headers', 'authorization, content-type')
      .header('access-control-max-age', String(PREFLIGHT_SECONDS))
      .send(),
  );

  for (const [method, path, who, operation] of ROUTES) {
    const { params, query, body, raw = false } = operation;
    server.route({
      method: method as HTTPMethods,
      url: `${API_BASE}${path}`,
      config: { raw },
      schema: { ...(params && { params }), ...(query && { querystring: query }), ...(body && { body }) },
      // In front of the body: who may not call is told so whatever they sent.
      onRequest: async (request) => {
        const actor = await admit(request, who, context.running());
        if (method === 'GET') context.budgets.spendRead(actor, addressKey(request.ip));
        if (actor !== undefined) callers.set(request, actor);
      },
      handler: async (request, reply) => {
        const { params, query, body } = request;
        const actor = callers.get(request);
        const automation = actor?.type === 'agent' && actor.automation === true;
        const call = { actor: actor!, automation, params, query, body, request, running: context.running(), context };
        // What is left of a body that nobody reads must not be taken for the next request.
        if (raw) reply.header('connection', 'close');
        const answer = await operation.run(call);
        // What came up during a long wait is for whoever may have it now, not for whoever might when it was asked for.
        if ((query as { wait?: number } | undefined)?.wait) await admit(request, who, call.running);
        return send(reply, answer);
      },
    });
  }

  // Reached only without an upgrade: the socket itself is served by the live layer.
  server.get(`${API_BASE}/socket`, async () => {
    context.running();
    throw new GuichetError('invalid', 'This address takes WebSocket connections.');
  });
};

/** Whether a request is for the API, where everything is answered in JSON. */
export const isApi = (request: FastifyRequest): boolean => request.url.startsWith('/api/') || request.url === '/api';

const admit = async (
  request: FastifyRequest,
  who: Route[2],
  { authenticator }: Running,
): Promise<Actor | undefined> => {
  // Anyone may, but automation that says who it is pays from nobody's budget.
  if (who === 'anyone') return (await authenticator.automation(request.headers)) ?? undefined;
  const actor = await authenticator.caller(request.method, request.headers, addressKey(request.ip));
  if (actor === null) throw new GuichetError('unauthorized');
  if (who !== 'signedIn') authorize(actor, who);
  return actor;
};

const checkOrigin = (request: FastifyRequest, reply: FastifyReply, { origins }: HttpContext): void => {
  const { origin } = request.headers;
  reply.header('vary', 'origin');
  if (!origins.isAllowed(request.headers)) throw new GuichetError('origin_refused');
  if (origin === undefined) return;
  reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', 'retry-after');
};

/** A body of JSON in UTF-8; an empty one is none. Nothing is repaired on the way in. */
const parseJson = (body: Buffer): unknown => {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new GuichetError('invalid', 'The body is not UTF-8.');
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new GuichetError('invalid', `The body is not JSON: ${(cause as Error).message}.`, { cause });
  }
};

const send = (reply: FastifyReply, { status, body, json, stream, headers }: Answer): FastifyReply => {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (status === 204 || status === 304) return reply.send();
  if (stream !== undefined) return reply.send(Readable.from(stream));
  return reply.header('content-type', 'application/json; charset=utf-8').send(json ?? JSON.stringify(body));
};
