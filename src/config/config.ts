import { resolve } from 'node:path';
import { type FlagTable, type FlagValue, readFlags } from './flags.ts';
import { parseStoreUrls, type StoreUrl } from './store-url.ts';
import { UsageError } from './usage-error.ts';
import {
  isPublicHost,
  mediaTypes,
  oneOf,
  origin,
  origins,
  secret,
  switchOf,
  type TimeOfDay,
  type TrustProxy,
  timeOfDay,
  timeZone,
  trustProxy,
  wholeNumber,
} from './values.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Shortest secret that may come from outside: 256 bits, as HS256 asks (RFC 7518, 3.2). */
export const SECRET_MIN = 32;

/** Files that are taken where nobody says otherwise: none that may hold scripts. */
const ATTACHMENT_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'application/pdf',
  'text/plain',
  'application/zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
] as const;

/** What files are taken. */
interface AttachmentRules {
  /** In bytes; 0: none. */
  readonly maxBytes: number;
  /** Media types; `image/*` for all of one kind. */
  readonly types: readonly string[];
}

/** Everything `serve` is told from outside, checked and typed. */
export interface Config {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** In order of preference. */
  readonly stores: readonly [StoreUrl, ...StoreUrl[]];
  /** 0: at shutdown only. */
  readonly snapshotEverySeconds: number;
  readonly backup: {
    /** Local time in `timezone`. */
    readonly at: TimeOfDay;
    readonly keep: number;
    /** null: `backup/` in the data directory. */
    readonly directory: string | null;
  };
  /** Where the content of files is kept; null: `blobs/` in the data directory, else in ./data. */
  readonly blobs: string | null;
  readonly attachments: AttachmentRules;
  readonly tierTimeoutMs: number;
  /** Stores of a chain that are given up: a start does not wait for what they alone may hold. */
  readonly leaveBehind: readonly StoreUrl[];
  /** Origin that browsers reach; null: derived from host, port and request. */
  readonly publicUrl: string | null;
  readonly trustProxy: TrustProxy;
  /** Origins that may embed the widget besides the server's own; null: none were named. */
  readonly allowedOrigins: readonly string[] | null;
  /** Visitors come in only with a token that the host site signed, on every call. */
  readonly requireIdentity: boolean;
  /** IANA name. */
  readonly timezone: string;
  readonly logLevel: LogLevel;
  readonly adminToken: string | null;
  readonly sessionSecret: string | null;
  readonly identitySecret: string | null;
}

/** The flags of `serve`, in the order of its help. */
export const SERVE_FLAGS = {
  host: { env: 'HOST', placeholder: 'ADDRESS', default: '127.0.0.1' },
  port: { env: 'PORT', placeholder: 'NUMBER', default: '8080' },
  store: { env: 'STORE', placeholder: 'URL[,URL]', default: 'file:./data,memory:' },
  'snapshot-every': { env: 'SNAPSHOT_EVERY', placeholder: 'SECONDS', default: '300' },
  'backup-at': { env: 'BACKUP_AT', placeholder: 'HH:MM', default: '03:00' },
  'backup-keep': { env: 'BACKUP_KEEP', placeholder: 'NUMBER', default: '14' },
  'backup-dir': { env: 'BACKUP_DIR', placeholder: 'DIR' },
  blobs: { env: 'BLOBS', placeholder: 'DIR' },
  'attachment-max': { env: 'ATTACHMENT_MAX', placeholder: 'MB', default: '10' },
  'attachment-types': { env: 'ATTACHMENT_TYPES', placeholder: 'TYPE[,TYPE]' },
  'tier-timeout': { env: 'TIER_TIMEOUT', placeholder: 'MS', default: '2000' },
  // A decision about one start, so it is not read from the environment, where it would stay.
  'leave-behind': { placeholder: 'URL[,URL]' },
  'public-url': { env: 'PUBLIC_URL', placeholder: 'URL' },
  'trust-proxy': { env: 'TRUST_PROXY', placeholder: 'on|off|HOPS|ADDRESSES', default: 'off' },
  'allowed-origins': { env: 'ALLOWED_ORIGINS', placeholder: 'URL[,URL]' },
  'plain-http': { env: 'PLAIN_HTTP' },
  'require-identity': { env: 'REQUIRE_IDENTITY' },
  timezone: { env: 'TZ', placeholder: 'ZONE' },
  'log-level': { env: 'LOG_LEVEL', placeholder: 'LEVEL', default: 'info' },
} as const satisfies FlagTable;

/** Secrets come from the environment only: a command line is readable by every user of the machine. */
export const SECRET_VARIABLES = ['ADMIN_TOKEN', 'SESSION_SECRET', 'IDENTITY_SECRET'] as const;

const systemTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone that a flag or TZ names; the system's when neither does, or when only the system can read TZ. */
export const zoneOf = (given: FlagValue | undefined): string => {
  if (!given) return systemTimeZone();
  const isZoneName = given.flag !== SERVE_FLAGS.timezone.env || /^[A-Za-z_]+\//.test(given.value);
  try {
    return timeZone(given);
  } catch (error) {
    // TZ may hold forms that only the system understands (`:/etc/localtime`, `CET-1CEST`).
    if (isZoneName) throw error;
    return systemTimeZone();
  }
};

type FlagName = keyof typeof SERVE_FLAGS;
type DefaultedFlag = { [K in FlagName]: (typeof SERVE_FLAGS)[K] extends { default: string } ? K : never }[FlagName];

/** Where only a database server keeps the log there is no place for secrets, and more than one process may need them. */
const requireSecrets = (stores: Config['stores'], secrets: Readonly<Record<string, string | null>>): void => {
  const remote = stores.find(({ kind }) => kind === 'postgres' || kind === 'mysql');
  const isLocal = stores.some(({ kind }) => kind === 'file' || kind === 'sqlite');
  const missing = Object.keys(secrets).filter((name) => secrets[name] === null);
  if (remote === undefined || isLocal || missing.length === 0) return;
  throw new UsageError({ code: 'secrets_needed', missing, store: remote.name, min: SECRET_MIN });
};

/**
 * Command line and environment of `serve` -> Config; the command line wins.
 * @throws UsageError with what is wrong and where
 */
export const loadConfig = (args: readonly string[], env: Readonly<Record<string, string | undefined>>): Config => {
  const given = readFlags(SERVE_FLAGS, args, env);
  const orDefault = (name: DefaultedFlag): FlagValue =>
    given[name] ?? { flag: `--${name}`, value: SERVE_FLAGS[name].default };
  const secretOf = (name: (typeof SECRET_VARIABLES)[number]): string | null => {
    const value = env[name];
    return value ? secret({ flag: name, value }, SECRET_MIN) : null;
  };
  const host = orDefault('host');
  const publicUrl = given['public-url'] ? origin(given['public-url']) : null;
  const proxies = trustProxy(orDefault('trust-proxy'));
  const isCovered = publicUrl?.startsWith('https:') || proxies !== false || switchOf(given['plain-http']);
  if (isPublicHost(host.value) && !isCovered) throw new UsageError({ code: 'plain_http', ...host });
  const backupDir = given['backup-dir'];
  const stores = parseStoreUrls(orDefault('store').value);
  const secrets = { SESSION_SECRET: secretOf('SESSION_SECRET'), IDENTITY_SECRET: secretOf('IDENTITY_SECRET') };
  requireSecrets(stores, secrets);
  return {
    host: host.value,
    port: wholeNumber(orDefault('port'), 0, 65_535),
    stores,
    snapshotEverySeconds: wholeNumber(orDefault('snapshot-every'), 0, 86_400),
    backup: {
      at: timeOfDay(orDefault('backup-at')),
      keep: wholeNumber(orDefault('backup-keep'), 1, 3_650),
      directory: backupDir ? resolve(backupDir.value) : null,
    },
    blobs: given.blobs ? resolve(given.blobs.value) : null,
    attachments: {
      maxBytes: wholeNumber(orDefault('attachment-max'), 0, 1_000) * 1_000_000,
      types: given['attachment-types'] ? mediaTypes(given['attachment-types']) : ATTACHMENT_TYPES,
    },
    tierTimeoutMs: wholeNumber(orDefault('tier-timeout'), 50, 600_000),
    leaveBehind: given['leave-behind'] ? parseStoreUrls(given['leave-behind'].value) : [],
    publicUrl,
    trustProxy: proxies,
    allowedOrigins: given['allowed-origins'] ? origins(given['allowed-origins']) : null,
    requireIdentity: switchOf(given['require-identity']),
    timezone: zoneOf(given.timezone),
    logLevel: oneOf(orDefault('log-level'), LOG_LEVELS),
    adminToken: secretOf('ADMIN_TOKEN'),
    sessionSecret: secrets.SESSION_SECRET,
    identitySecret: secrets.IDENTITY_SECRET,
  };
};
