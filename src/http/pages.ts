import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GuichetError } from '../domain/errors.ts';
import type { HttpContext } from './running.ts';
import { WebFiles } from './web-files.ts';

/** Pages by path; everything else that is built has a name of its own under /assets. */
const PAGES = { '/': 'index.html', '/console': 'console/index.html', '/demo': 'demo/index.html' } as const;

/** A file whose name changes with its content. */
const HASHED = /-[\w-]{8}\.\w+$/;
const FOR_EVER = 'public, max-age=31536000, immutable';

const NOT_BUILT = 'The web part of this server is not built: run "npm run build", then load this page again.\n';

/** Start page, console, demo, widget and what they load, from the folder that the build fills. */
export const registerPages = (server: FastifyInstance, context: HttpContext): void => {
  const { webRoot, log } = context;
  if (!existsSync(join(webRoot, 'index.html'))) {
    log.warn({ folder: webRoot }, 'the web part is not built: the API works, pages do not; run "npm run build"');
  }
  const files = new WebFiles(webRoot);

  const page = (file: string) => (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers(pageHeaders(request, context)).header('cache-control', 'no-cache');
    return send(request, reply, files, file);
  };
  for (const [path, file] of Object.entries(PAGES)) server.get(path, page(file));
  server.get('/console/*', page(PAGES['/console']));

  server.get('/widget.js', (request, reply) => {
    reply.headers(FOR_OTHER_SITES).header('cache-control', 'no-cache');
    return send(request, reply, files, 'widget.js');
  });
  server.get<{ Params: { '*': string } }>('/assets/*', (request, reply) => {
    const name = request.params['*'];
    reply.headers(FOR_OTHER_SITES).header('cache-control', HASHED.test(name) ? FOR_EVER : 'no-cache');
    return send(request, reply, files, `assets/${name}`);
  });
};

/** The widget runs on other sites: what it is made of may be loaded from there. */
const FOR_OTHER_SITES = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

const send = async (
  request: FastifyRequest,
  reply: FastifyReply,
  files: WebFiles,
  name: string,
): Promise<FastifyReply> => {
  const file = await files.get(name, request.headers['accept-encoding']);
  if (file === undefined) {
    if (name.startsWith('assets/')) throw new GuichetError('not_found');
    return reply.code(503).header('retry-after', '10').type('text/plain; charset=utf-8').send(NOT_BUILT);
  }
  reply.header('etag', file.etag).header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  if (file.encoding !== 'identity') reply.header('content-encoding', file.encoding);
  return reply.type(file.type).send(file.bytes);
};

/** What a page of ours may load and who may frame it: nothing from elsewhere, and nobody. */
const pageHeaders = (request: FastifyRequest, { origins }: HttpContext): Record<string, string> => {
  const host = origins.hostOf(request.headers);
  // Some browsers do not take 'self' to mean our socket as well.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  const policy = [
    "default-src 'self'",
    "img-src 'self' data:",
    "style-src 'self'",
    `connect-src 'self'${sockets}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
  };
};
