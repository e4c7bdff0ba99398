import type { IncomingHttpHeaders } from 'node:http';

interface OriginOptions {
  readonly publicUrl: string | null;
  readonly trustProxy: unknown;
  readonly allowedOrigins: readonly string[] | null;
}

/** Which sites' pages may call this server. */
export class Origins {
  readonly #options: OriginOptions;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** Host and port as the browser knows them. A page cannot forge these headers of its own requests. */
  hostOf(headers: IncomingHttpHeaders): string {
    const forwarded = this.#options.trustProxy === false ? undefined : headers['x-forwarded-host'];
    const given = Array.isArray(forwarded) ? forwarded[0] : forwarded?.split(',', 1)[0];
    return given?.trim() || (headers.host ?? '');
  }

  /** Whether browsers reach this server by TLS, as far as we were told. */
  isSecure(headers: IncomingHttpHeaders): boolean {
    const { publicUrl, trustProxy } = this.#options;
    if (publicUrl !== null) return publicUrl.startsWith('https:');
    const forwarded = trustProxy === false ? undefined : headers['x-forwarded-proto'];
    return [forwarded].flat()[0]?.split(',', 1)[0]?.trim() === 'https';
  }

  /** Whether the call comes from a page of this server itself. */
  isOwn(origin: string, headers: IncomingHttpHeaders): boolean {
    if (origin === this.#options.publicUrl) return true;
    // Behind a proxy that ends TLS we do not know the scheme, so the host decides.
    const url = URL.parse(origin);
    return url !== null && url.host !== '' && url.host === this.hostOf(headers).toLowerCase();
  }

  /** Whether a page of this origin may call; without an origin it is no page that calls, and the token decides. */
  isAllowed(headers: IncomingHttpHeaders): boolean {
    const { origin } = headers;
    if (origin === undefined) return true;
    return this.isOwn(origin, headers) || (this.#options.allowedOrigins?.includes(origin) ?? false);
  }

  /** Whether a call that lives on a cookie comes from our own page, as far as the browser says. */
  isFromOwnPage(headers: IncomingHttpHeaders): boolean {
    if (headers.origin !== undefined) return this.isOwn(headers.origin, headers);
    return headers['sec-fetch-site'] === 'same-origin';
  }
}
