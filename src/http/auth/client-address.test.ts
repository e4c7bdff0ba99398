import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, type TrustedProxies, trustOf } from './client-address.ts';

const from = (remoteAddress: string, forwarded: string | undefined, proxies: TrustedProxies): string => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress({ socket: { remoteAddress }, headers }, trustOf(proxies));
};

test('[AC-25] headers say nothing about the caller unless the proxy that sends them was named', () => {
  assert.equal(from('198.51.100.1', '192.0.2.1', false), '198.51.100.1');
  assert.equal(from('127.0.0.1', '127.0.0.1, 10.0.0.1', false), '127.0.0.1');
  assert.equal(from('198.51.100.1', '192.0.2.1', ['10.0.0.0/8', 'loopback']), '198.51.100.1');
  assert.equal(from('10.1.2.3', '192.0.2.1', ['10.0.0.0/8']), '192.0.2.1');
  assert.equal(from('::1', '2001:db8::1', ['loopback']), '2001:db8::1');
  // What the caller put in front of what the proxy added is the caller's own word.
  assert.equal(from('10.1.2.3', '203.0.113.9, 192.0.2.1', ['10.0.0.0/8']), '192.0.2.1');
  assert.equal(from('10.1.2.3', '203.0.113.9, 192.0.2.1', 1), '192.0.2.1');
  assert.equal(from('10.1.2.3', '192.0.2.1, 10.0.0.2', 2), '192.0.2.1');
  assert.equal(from('10.1.2.3', '192.0.2.1, 10.0.0.2', true), '192.0.2.1');
  assert.equal(from('10.1.2.3', undefined, true), '10.1.2.3');
  assert.equal(from('10.1.2.3', 'no address', ['10.0.0.0/8']), 'no address');
});
