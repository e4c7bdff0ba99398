import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Which proxies' headers count, as the configuration says it. */
export type TrustedProxies = boolean | number | readonly string[];

/** Whether what stands `hop` places in front of us, at this address, may say who the caller is. */
export type Trust = (address: string, hop: number) => boolean;

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Addresses, ranges and names of ranges as one list to look in. */
export const addressList = (parts: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const part of parts.flatMap((name) => NAMED[name] ?? [name])) {
    const [address = '', bits] = part.split('/');
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return list;
};

export const trustOf = (proxies: TrustedProxies): Trust => {
  if (typeof proxies === 'boolean') return () => proxies;
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const list = addressList(proxies);
  return (address) => isIP(address) !== 0 && list.check(address, family(address));
};

/**
 * Where a request comes from: the nearest address that is not a proxy we were told of. Without such a proxy it is the
 * other end of the connection, whatever the headers say.
 */
export const clientAddress = (
  { socket, headers }: Pick<IncomingMessage, 'headers'> & { socket: { remoteAddress?: string | undefined } },
  trust: Trust,
): string => {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const behind = forwarded.map((part) => part.trim()).filter((part) => part !== '');
  const hops = [socket.remoteAddress ?? '', ...behind.reverse()];
  return hops.find((address, hop) => hop === hops.length - 1 || !trust(address, hop)) ?? '';
};
