import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

type Encoding = 'br' | 'gzip' | 'identity';

const COMPRESS: Record<Exclude<Encoding, 'identity'>, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** One built file in the encoding that was asked for. */
export interface WebFile {
  readonly type: string;
  readonly encoding: Encoding;
  /** Of these bytes in this encoding. */
  readonly etag: string;
  readonly bytes: Buffer;
}

/** A file as it was when it was read, in each encoding somebody wanted. */
interface Held {
  readonly version: string;
  readonly encoded: Map<Encoding, Promise<Buffer>>;
}

/**
 * The few files that the build of the web part makes, in memory once they were asked for, each compressed once. The
 * general server of files that Fastify offers takes 10 MB of memory and does not compress.
 */
export class WebFiles {
  readonly #root: string;
  readonly #held = new Map<string, Held>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * @param name path under the root, of letters, digits, `-`, `_` and single dots in each part; whatever else is not
   *   there, so no name leads out of the root
   * @param accepted the `accept-encoding` of the request
   * @returns `undefined` when there is no such file; a file that was built anew is read anew
   */
  async get(name: string, accepted = ''): Promise<WebFile | undefined> {
    const type = TYPES[extname(name)];
    if (type === undefined || !/^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/.test(name)) return undefined;
    const path = join(this.#root, name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return undefined;
    const version = `${found.mtimeMs.toString(36)}-${found.size.toString(36)}`;
    let held = this.#held.get(name);
    if (held?.version !== version) {
      held = { version, encoded: new Map() };
      this.#held.set(name, held);
    }
    const encoding = encodingFor(type, accepted);
    const bytes = await this.#encoded(path, held, encoding);
    return { type, encoding, etag: `"${version}-${encoding}"`, bytes };
  }

  #encoded(path: string, { encoded }: Held, encoding: Encoding): Promise<Buffer> {
    const known = encoded.get(encoding);
    if (known !== undefined) return known;
    const made = encoding === 'identity' ? readFile(path) : readFile(path).then(COMPRESS[encoding]);
    encoded.set(encoding, made);
    // What could not be read this time may be there the next.
    made.catch(() => encoded.delete(encoding));
    return made;
  }
}

/** The best encoding that the browser takes; one that it weighs with `q=0` it does not. */
const encodingFor = (type: string, accepted: string): Encoding => {
  if (!/^(text|application)\/|svg/.test(type)) return 'identity';
  const takes = (name: string): boolean =>
    accepted.split(',').some((part) => {
      const [coding, weight] = part.trim().split(/\s*;\s*q=/);
      return coding === name && (weight === undefined || Number(weight) > 0);
    });
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : 'identity';
};
