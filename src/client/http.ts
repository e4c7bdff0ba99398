import type { Problem } from '../protocol/entities.ts';
import { ClientError, networkError } from './client-error.ts';
import { forAgents } from './for-agents.ts';
import { toJson } from './json.ts';

export interface HttpOptions {
  /** Origin of the server, without a slash at the end; empty for the page's own. */
  baseUrl: string;
  /** Read before each call, so that a token that arrives later is used. */
  token: () => string | undefined;
  /** Whose cookie it must be that speaks where there is no token; anybody's when undefined. */
  as?: string | undefined;
  fetch: typeof fetch;
}

export interface CallOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Default 20 s; of an upload the time without any progress. */
  timeoutMs?: number;
  /** Bytes to send instead of a body of JSON. */
  upload?: Blob;
  /** Told how many bytes of it have left, where the browser says so. */
  onProgress?: (loaded: number) => void;
  /** The answer is wanted as it is, not as JSON. */
  blob?: boolean;
}

/** One call. Errors: {@link ClientError}; `network` as well when it took too long or was aborted. */
export type Call = <T>(method: string, path: string, options?: CallOptions) => Promise<T>;

export const createCall =
  ({ baseUrl, token, as, fetch }: HttpOptions): Call =>
  async <T>(method: string, path: string, options: CallOptions = {}): Promise<T> => {
    const { query, body, signal, timeoutMs = 20_000, upload, blob } = options;
    const params = new URLSearchParams();
    for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(key, String(value));
    const url = `${baseUrl}/api/v1${path}${params.size > 0 ? `?${params}` : ''}`;
    const bearer = token();
    const type = upload ? 'application/octet-stream' : body === undefined ? undefined : 'application/json';
    const headers = {
      accept: 'application/json',
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(forAgents && bearer === undefined && as !== undefined && { 'guichet-as': encodeURIComponent(as) }),
      ...(type && { 'content-type': type }),
    };
    let response: Response;
    let text = '';
    try {
      if (upload && globalThis.XMLHttpRequest) response = await sendWithProgress(url, headers, upload, options);
      else {
        const timeout = AbortSignal.timeout(timeoutMs);
        const sent = upload ?? (body === undefined ? undefined : toJson(body));
        response = await fetch(url, {
          method,
          headers,
          // A visitor's call carries its token and nothing else; only the console lives on its cookie.
          credentials: forAgents && bearer === undefined ? 'same-origin' : 'omit',
          // A file is kept by the browser, which asks each time whether it may still be shown.
          cache: blob ? 'no-cache' : 'no-store',
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          body: sent ?? null,
        });
      }
      if (blob && response.ok) return (await response.blob()) as T;
      text = await response.text();
    } catch (cause) {
      throw networkError(cause);
    }
    if (!response.ok) throw refusal(response, text);
    if (response.status === 204) return undefined as T;
    // A captive portal or a proxy may answer 200 with a page of its own: that is no acknowledgement of anything.
    return parse(text) as T;
  };

/** Only this old interface tells how far an upload is. */
const sendWithProgress = (
  url: string,
  headers: Record<string, string>,
  blob: Blob,
  { timeoutMs = 30_000, onProgress }: CallOptions,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout>;
    const moved = (): void => {
      clearTimeout(stalled);
      stalled = setTimeout(() => call.abort(), timeoutMs);
    };
    call.open('POST', url);
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.upload.onprogress = ({ loaded }) => {
      moved();
      onProgress?.(loaded);
    };
    call.onloadend = () => {
      clearTimeout(stalled);
      if (call.status === 0) return reject(networkError());
      const retryAfter = call.getResponseHeader('retry-after');
      const init = { status: call.status, headers: retryAfter === null ? {} : { 'retry-after': retryAfter } };
      resolve(new Response(call.responseText, init));
    };
    moved();
    call.send(blob);
  });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw networkError(cause);
  }
};

const refusal = (response: Response, text: string): ClientError => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const { status } = response;
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.code === 'string') {
      const { code, title, retry, detail } = problem;
      return new ClientError(code, title, retry, { status, detail, retryAfterMs });
    }
  } catch {
    // Not ours: judged by its status below.
  }
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  const title = `The server answered ${status}.`;
  return new ClientError(`http_${status}`, title, passing ? 'later' : 'never', { status, retryAfterMs });
};
