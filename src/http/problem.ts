import type { FastifyError, FastifyReply } from 'fastify';
import { ERRORS, GuichetError } from '../domain/errors.ts';
import type { Problem } from '../protocol/entities.ts';
import { BODY_MAX_BYTES } from '../protocol/limits.ts';

/** Seconds that a caller is told to wait when nobody knows better. */
const RETRY_AFTER_DEFAULT = 1;

/** An error as problem details (RFC 9457). The cause stays here. */
export const problemOf = (error: GuichetError): Problem => {
  const { status, retry, title } = ERRORS[error.code];
  const detail = error.detail === undefined ? {} : { detail: error.detail };
  return { type: `/docs#${error.code}`, title, status, ...detail, code: error.code, retry };
};

/** Answers with the problem; 429 and 503 say when to come back. */
export const sendProblem = (reply: FastifyReply, error: GuichetError): FastifyReply => {
  const problem = problemOf(error);
  if (problem.status === 429 || problem.status === 503) {
    reply.header('retry-after', String(error.retryAfter ?? RETRY_AFTER_DEFAULT));
  }
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem));
};

/** What Fastify says of a request, in words of ours. */
const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be JSON, with content-type: application/json.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as content-length says.',
  FST_ERR_BAD_URL: 'The address is not a valid one: check its percent-encoding.',
};

/** Anything thrown while a request was served, as an error of the registry. */
export const asProblem = (thrown: unknown): GuichetError => {
  if (thrown instanceof GuichetError) return thrown;
  const { code, statusCode } = thrown as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new GuichetError('too_large', `A body has at most ${BODY_MAX_BYTES} bytes.`);
  }
  const sentence = code === undefined ? undefined : SENTENCES[code];
  if (sentence !== undefined || (statusCode !== undefined && statusCode >= 400 && statusCode < 500)) {
    return new GuichetError('invalid', sentence, { cause: thrown });
  }
  return new GuichetError('internal', undefined, { cause: thrown });
};
