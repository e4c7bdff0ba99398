import { isIP } from 'node:net';
import Type from 'typebox';
import { blockAddress, blockedAddresses, blockVisitor } from '../../domain/actions/blocks.ts';
import { GuichetError } from '../../domain/errors.ts';
import { addressKey } from '../budgets.ts';
import { done, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const VisitorParams = closed({ id: Type.String({ description: 'id of the visitor' }) });

export const getVisitorBlock = operation({
  summary: 'Whether a visitor is let in, and from where they came last, as long as the server runs',
  params: VisitorParams,
  answers: { 200: Type.Object({ blocked: Type.Boolean(), address: Type.Union([Type.String(), Type.Null()]) }) },
  async run({ params, running }) {
    const contact = await running.chat.store.entry('contact', params.id);
    if (contact === undefined) throw new GuichetError('not_found');
    return ok({ blocked: contact.blocked === true, address: running.visitors.lastAddressOf(params.id) ?? null });
  },
});

export const putVisitorBlock = operation({
  summary: 'Lets a visitor in no more, or again; their sockets end at once',
  params: VisitorParams,
  body: closed({ blocked: Type.Boolean() }),
  answers: { 204: null },
  async run({ actor, params, body, running }) {
    await blockVisitor(running.chat, actor, params.id, body.blocked);
    return done;
  },
});

export const getBlockedAddresses = operation({
  summary: 'Addresses that no visitor is let in from',
  answers: {
    200: Type.Object({
      addresses: Type.Array(Type.Object({ address: Type.String(), at: Type.String(), by: Type.String() })),
    }),
  },
  async run({ actor, running }) {
    const blocks = await blockedAddresses(running.chat, actor);
    return ok({ addresses: blocks.map(({ id: address, at, by }) => ({ address, at, by })) });
  },
});

export const putBlockedAddress = operation({
  summary: 'Lets no visitor in from an address, or again; of IPv6 the whole network of a subscriber',
  params: closed({ address: Type.String() }),
  body: closed({ blocked: Type.Boolean() }),
  answers: { 204: null },
  async run({ actor, params, body, running }) {
    const { address } = params;
    // A subscriber's network is listed as it is kept: the first half of an IPv6 address.
    const isKept = /^([0-9a-f]{1,4}:){3}[0-9a-f]{1,4}$/.test(address);
    if (isIP(address) === 0 && !isKept) throw new GuichetError('invalid', 'address must be an IP address.');
    await blockAddress(running.chat, actor, isKept ? address : addressKey(address), body.blocked);
    return done;
  },
});
