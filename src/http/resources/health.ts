import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asGuichetError, GuichetError } from '../../domain/errors.ts';
import { writesOf } from '../../domain/storage-state.ts';
import type { HttpContext, Running } from '../running.ts';

interface Readiness {
  readonly status: 'ready' | 'unavailable';
  readonly degraded: boolean;
  /** Whether what is acknowledged now survives this process. */
  readonly durable: boolean;
  /** Why nothing is accepted. */
  readonly code?: string;
}

/** Whether the server is there, whether it accepts writes, and its figures: for orchestrators and monitoring. */
export const registerHealth = (server: FastifyInstance, context: HttpContext): void => {
  server.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));

  server.get('/readyz', async (_request, reply) => {
    const readiness = readinessOf(context);
    reply.header('cache-control', 'no-store');
    if (readiness.status === 'ready') return reply.send(readiness);
    return reply.code(503).header('retry-after', '1').send(readiness);
  });

  server.get('/metrics', async (request, reply) => {
    if (!isLocal(request, context)) await requireAdmin(request, context);
    return sendMetrics(reply, context);
  });
};

const readinessOf = (context: HttpContext): Readiness => {
  let running: Running;
  try {
    running = context.running();
  } catch (error) {
    return { status: 'unavailable', degraded: true, durable: false, code: asGuichetError(error).code };
  }
  const { store } = running.chat;
  const writes = writesOf(store);
  if (writes === 'none') return { status: 'unavailable', degraded: true, durable: false, code: 'unavailable' };
  return { status: 'ready', degraded: store.health().state !== 'open', durable: writes === 'durable' };
};

const sendMetrics = async (reply: FastifyReply, { metrics }: HttpContext): Promise<FastifyReply> => {
  const { text, contentType } = await metrics.text();
  return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text);
};

/** From this machine, and not through a proxy on it that nobody told us to trust. */
const isLocal = (request: FastifyRequest, { options }: HttpContext): boolean => {
  const { headers, ip } = request;
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  if (isForwarded && options.trustProxy === false) return false;
  return ip === '::1' || /^(::ffff:)?127\./.test(ip);
};

const requireAdmin = async (request: FastifyRequest, context: HttpContext): Promise<void> => {
  const actor = await context.running().authenticator.caller(request.method, request.headers);
  if (actor === null) throw new GuichetError('unauthorized');
  if (actor.type !== 'agent' || actor.role !== 'admin') throw new GuichetError('forbidden');
};
