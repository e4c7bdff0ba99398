import { STATUS_CODES } from 'node:http';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { GuichetError } from '../domain/errors.ts';
import { BODY_MAX_BYTES } from '../protocol/limits.ts';
import { registerApi } from './api.ts';
import { trustOf } from './auth/client-address.ts';
import { registerDocs } from './docs.ts';
import { registerPages } from './pages.ts';
import { asProblem, problemOf, sendProblem } from './problem.ts';
import { registerHealth } from './resources/health.ts';
import type { HttpContext } from './running.ts';
import { schemaValidator } from './schema.ts';

/** Longest path parameter: an adopted id of 255 characters, percent-encoded. */
const PARAM_MAX = 255 * 12;
/** Time that a client has to send its request; how long an answer takes is another matter. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The same for a file: the largest one over a slow mobile network. */
const UPLOAD_TIMEOUT_MS = 15 * 60_000;

/** And its headers alone: a connection that sends them a byte at a time holds a place that somebody else could have. */
const HEADERS_TIMEOUT_MS = 15_000;

/** Without these Fastify would load a validator and a serialiser of its own, and keep them in memory, for nothing. */
const OWN_COMPILERS = {
  compilersFactory: { buildValidator: () => schemaValidator, buildSerializer: () => () => JSON.stringify },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/** On every answer; a page of ours says more. What is not meant as a page runs nothing, should a browser take it for one. */
const EVERYWHERE = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
/** Past it the kernel's queue waits: memory for everybody else stays. */
const CONNECTIONS_MAX = 60_000;
/** Behind TLS browsers stay there for a year. */
const BY_TLS_ONLY = 'max-age=31536000';

/** The HTTP side, ready to listen. */
export const buildServer = (context: HttpContext): FastifyInstance => {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: UPLOAD_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2 },
    trustProxy: context.options.trustProxy === false ? false : trustOf(context.options.trustProxy),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_MAX },
    schemaController: OWN_COMPILERS,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply, context),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || socket.destroyed) return;
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
      const body = JSON.stringify({ ...problemOf(new GuichetError('invalid', STATUS_CODES[status])), status });
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n`;
      socket.end(
        `${head}content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  });
  server.setErrorHandler((error, request, reply) => answer(error, request, reply, context));
  server.setNotFoundHandler((request, reply) => answer(new GuichetError('not_found'), request, reply, context));
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(EVERYWHERE);
    if (context.origins.isSecure(request.headers)) reply.header('strict-transport-security', BY_TLS_ONLY);
  });
  server.addHook('onRequest', hintAtProxy(context));
  server.addHook('onRequest', limitSlowBodies(server));
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    context.metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
  });
  registerRoutes(server, context);
  server.server.maxConnections = CONNECTIONS_MAX;
  return server;
};

/** Everything the server answers to. */
export const registerRoutes = (server: FastifyInstance, context: HttpContext): void => {
  registerApi(server, context);
  registerHealth(server, context);
  registerDocs(server);
  registerPages(server, context);
};

/** Node has one time for every request, the one of a file; a body of JSON gets no longer than it needs. */
const limitSlowBodies = (server: FastifyInstance) => async (request: FastifyRequest) => {
  const { raw, headers, routeOptions } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || routeOptions.config.raw === true) return;
  const error = Object.assign(new Error('the body did not come in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const late = setTimeout(() => server.server.emit('clientError', error, raw.socket), REQUEST_TIMEOUT_MS);
  raw.once('close', () => clearTimeout(late));
};

/**
 * Says once that a proxy stands in front that nobody told us to trust: all its callers then share one address, and with
 * it the budgets of one.
 */
const hintAtProxy = ({ options, log }: HttpContext) => {
  let said = options.trustProxy !== false;
  return async (request: FastifyRequest): Promise<void> => {
    if (said || request.headers['x-forwarded-for'] === undefined) return;
    said = true;
    log.warn('calls come through a proxy: --trust-proxy makes its word for where they come from count');
  };
};

/** Every error leaves here: as a problem with a code, and with its cause in the log where it is ours to look at. */
const answer = (thrown: unknown, request: FastifyRequest, reply: FastifyReply, { log }: HttpContext): FastifyReply => {
  const error = asProblem(thrown);
  if (error.code === 'internal' || error.cause !== undefined) {
    const level = error.code === 'internal' ? 'error' : 'debug';
    log[level](
      { err: error.cause ?? error, code: error.code, method: request.method, path: pathOf(request) },
      'request failed',
    );
  }
  return sendProblem(reply, error);
};

/** Without the query, which may hold what somebody searched for. */
const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0]!;
