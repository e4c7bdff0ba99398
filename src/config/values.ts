import { BlockList, isIP } from 'node:net';
import type { FlagValue } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Text of one flag -> typed value. Each throws a UsageError that names the flag and what it takes. */

export const wholeNumber = ({ flag, value }: FlagValue, min: number, max: number): number => {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw new UsageError({ code: 'not_a_number', flag, value, min, max });
  return number;
};

export const oneOf = <T extends string>({ flag, value }: FlagValue, choices: readonly T[]): T => {
  const found = choices.find((choice) => choice === value.toLowerCase());
  if (!found) throw new UsageError({ code: 'not_one_of', flag, value, choices });
  return found;
};

/** Networks that do not reach further than a house. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, bits);
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** Whether others than this machine and its own network may reach what listens there. */
export const isPublicHost = (host: string): boolean => {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() !== 'localhost';
  return !PRIVATE.check(host, version === 6 ? 'ipv6' : 'ipv4');
};

/** A switch: on when it is given, but for a variable that says `off`. */
export const switchOf = (given: FlagValue | undefined): boolean =>
  given !== undefined && !/^(off|false|no|0)$/i.test(given.value.trim());

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/** `03:00`, 24 hours. */
export const timeOfDay = ({ flag, value }: FlagValue): TimeOfDay => {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(value) ?? [];
  if (hour === undefined) throw new UsageError({ code: 'not_a_time', flag, value });
  return { hour: Number(hour), minute: Number(minute) };
};

/** An IANA zone, spelt as the zone database does. */
export const timeZone = ({ flag, value }: FlagValue): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new UsageError({ code: 'not_a_zone', flag, value });
  }
};

/** `https://chat.example.org`: scheme and host, with a port where it is not the usual one; nothing behind. */
export const origin = ({ flag, value }: FlagValue): string => {
  const url = URL.parse(value.trim());
  const isBare = url?.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (!url || !isBare || !/^https?:$/.test(url.protocol)) throw new UsageError({ code: 'not_an_origin', flag, value });
  return url.origin;
};

/** Comma-separated origins, each once. */
export const origins = ({ flag, value }: FlagValue): readonly string[] => [
  ...new Set(
    value
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => origin({ flag, value: part })),
  ),
];

/** Comma-separated media types, each once: `application/pdf`, `image/*`. */
export const mediaTypes = ({ flag, value }: FlagValue): readonly string[] => {
  const types = value
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const wrong = types.find((type) => !/^[a-z]+\/(?:\*|[a-z0-9][a-z0-9.+-]*)$/.test(type));
  if (wrong !== undefined) throw new UsageError({ code: 'not_a_media_type', flag, value: wrong });
  return [...new Set(types)];
};

/** Which proxies' headers count: none, any, the nearest so many, or those at these addresses. */
export type TrustProxy = boolean | number | readonly string[];

const PROXY_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

const isAddress = (text: string): boolean => {
  const [ip = '', bits, ...rest] = text.split('/');
  const version = isIP(ip);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
};

/** `off`, `on`, a number of hops, or addresses and ranges (`10.0.0.0/8,loopback`). */
export const trustProxy = ({ flag, value }: FlagValue): TrustProxy => {
  const text = value.trim().toLowerCase();
  if (text === 'off' || text === 'false' || text === 'no') return false;
  if (text === 'on' || text === 'true' || text === 'yes') return true;
  if (/^\d{1,2}$/.test(text)) return Number(text) === 0 ? false : Number(text);
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every((part) => PROXY_RANGES.includes(part) || isAddress(part))) {
    throw new UsageError({ code: 'not_a_proxy', flag, value });
  }
  return parts;
};

/** A secret of at least `min` characters. The value never enters a message. */
export const secret = ({ flag, value }: FlagValue, min: number): string => {
  if (value.trim().length < min) throw new UsageError({ code: 'short_secret', flag, min });
  return value.trim();
};
