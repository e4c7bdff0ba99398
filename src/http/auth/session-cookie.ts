import type { IncomingHttpHeaders } from 'node:http';
import { SESSION_SECONDS } from '../../domain/actions/agent-sessions.ts';

/**
 * Behind TLS the name binds the cookie to this host alone (RFC 6265bis, 4.1.3.2): a page of a sister domain cannot put
 * its own in the place of it. Without TLS browsers do not take such a name.
 */
const nameOf = (secure: boolean): string => (secure ? '__Host-guichet_session' : 'guichet_session');

/** The agent's token in the cookie of the console. Tokens hold nothing that a cookie would have to escape. */
export const sessionCookieOf = (headers: IncomingHttpHeaders, secure: boolean): string | undefined => {
  for (const part of headers.cookie?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2);
    if (name === nameOf(secure) && value) return value;
  }
  return undefined;
};

/** `set-cookie` for a token, or with `null` to take it away. */
export const sessionCookie = (token: string | null, secure: boolean): string => {
  const age = token === null ? 0 : SESSION_SECONDS;
  const flags = `Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return `${nameOf(secure)}=${token ?? ''}; ${flags}`;
};
