import type { Problem } from '../protocol/entities.ts';

export type Retry = Problem['retry'];

/**
 * A call that failed. `code` is one of docs/errors.md, or `network` (no answer that is the server's) with status 0.
 * `retry` says whether the same call may succeed later; `retryAfterMs` is the server's wish, when it has one.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  readonly title: string;
  readonly retry: Retry;
  readonly status: number;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    title: string,
    retry: Retry,
    options: { status?: number; detail?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(options.detail ?? title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.title = title;
    this.retry = retry;
    this.status = options.status ?? 0;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No answer, or one that cannot be the server's own (a proxy's page, a cut body): nothing is known about the call. */
export const networkError = (cause?: unknown): ClientError =>
  new ClientError('network', 'The server cannot be reached.', 'later', { cause });

export const asClientError = (error: unknown): ClientError =>
  error instanceof ClientError ? error : networkError(error);
