/**
 * The registry of every error a caller can meet: what it means on HTTP and on the socket, whether trying again
 * helps, and a sentence that is safe to show. The cause is kept for the log and never sent.
 * docs/errors.md explains each code; test/architecture.test.ts holds the two together.
 */

export type Retry = 'now' | 'later' | 'never';

interface ErrorKind {
  readonly status: number;
  readonly retry: Retry;
  readonly title: string;
}

export const ERRORS = {
  invalid: { status: 400, retry: 'never', title: 'The request is not valid.' },
  protocol: { status: 400, retry: 'never', title: 'This frame is not part of the protocol, or comes before hello.' },
  unauthorized: { status: 401, retry: 'never', title: 'Sign in, or send a valid token.' },
  second_factor: { status: 401, retry: 'never', title: 'Send the code of the authenticator app along.' },
  forbidden: { status: 403, retry: 'never', title: 'This account may not do that.' },
  blocked: { status: 403, retry: 'never', title: 'You cannot write here any more.' },
  origin_refused: { status: 403, retry: 'never', title: 'This site is not on the list of allowed origins.' },
  not_found: { status: 404, retry: 'never', title: 'There is nothing here under that name.' },
  id_taken: { status: 409, retry: 'never', title: 'That id was already used for something else.' },
  email_taken: { status: 409, retry: 'never', title: 'An agent with this e-mail address exists already.' },
  stale: { status: 409, retry: 'never', title: 'Somebody has written since. Read that first, then send again.' },
  attachment_gone: { status: 409, retry: 'now', title: 'This file is not here, or no more. Upload it again.' },
  resync: { status: 410, retry: 'now', title: 'This cursor belongs to another log or another past. Start again.' },
  too_large: { status: 413, retry: 'never', title: 'The request is too large.' },
  unsupported_type: { status: 415, retry: 'never', title: 'Files of this type are not accepted here.' },
  too_many_requests: { status: 429, retry: 'later', title: 'Too many requests. Wait a moment.' },
  too_slow: { status: 413, retry: 'now', title: 'This connection does not read fast enough. Connect again.' },
  overloaded: { status: 503, retry: 'later', title: 'Too much is waiting to be stored. Try again in a moment.' },
  unavailable: { status: 503, retry: 'later', title: 'The storage cannot be reached. Nothing was stored. Try again.' },
  storage_full: { status: 503, retry: 'later', title: 'The storage is full. Nothing was stored. Try again later.' },
  closing: { status: 503, retry: 'later', title: 'The server is stopping. Try again in a moment.' },
  fenced: { status: 503, retry: 'later', title: 'Another writer holds this log. Nothing was stored.' },
  refused: { status: 500, retry: 'never', title: 'The storage needs a decision of its owner before it can be used.' },
  internal: { status: 500, retry: 'later', title: 'Something went wrong on the server. It has been logged.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the registry. `detail` may be shown to the caller; `cause` only goes to the log. */
export class GuichetError extends Error {
  override readonly name = 'GuichetError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** Seconds after which trying again may help, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown; retryAfter?: number }) {
    super(detail ?? ERRORS[code].title, options);
    this.code = code;
    this.detail = detail;
    this.retryAfter = options?.retryAfter;
  }
}

/** An error of a store's surroundings that may pass: the next tier may take over, the caller may try again. */
export const isOutage = (error: unknown): boolean =>
  error instanceof GuichetError && (error.code === 'unavailable' || error.code === 'storage_full');

/** Anything thrown, as an error of the registry: what is not ours is `internal`, with the cause kept. */
export const asGuichetError = (error: unknown): GuichetError =>
  error instanceof GuichetError ? error : new GuichetError('internal', undefined, { cause: error });
