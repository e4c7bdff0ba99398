import type { TestServer } from './server.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/**
 * One HTTP call under `/api/v1` with admin rights, or with another token.
 * @returns whatever the status; the body parsed where there is one
 */
export const call = async <T = Record<string, unknown>>(
  server: Pick<TestServer, 'url' | 'adminToken'>,
  method: string,
  path: string,
  body?: unknown,
  token = server.adminToken,
): Promise<Answer<T>> => {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T };
};
