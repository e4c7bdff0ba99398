import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Found, type Size, search } from './search.ts';
import type { Omission, Rules } from './world.ts';

const LARGE = Number(process.env.GUICHET_WALKS ?? 0) > 1000;
const TWO: Size = { tiers: 2, messages: ['a', 'b'], faults: LARGE ? 3 : 2, crashes: 1, limit: 1_000_000 };
const THREE: Size = { tiers: 3, messages: ['a'], faults: 2, crashes: 1, limit: 1_000_000 };
const rulesOf = (volatile: boolean, without?: Omission): Rules => {
  return { volatile, tailBound: 2, page: 1, ...(without !== undefined && { without }) };
};

const sound = ({ counterexample, states }: Found): void => {
  assert.deepEqual(counterexample, undefined);
  assert.ok(states > 1000, `only ${states} states were seen`);
};

for (const volatile of [true, false]) {
  const memory = volatile ? 'with memory behind them' : 'without memory';
  test(`[FB-1] [FB-2] [FB-6] [FB-17] every history of two tiers ${memory} keeps the rules`, () => {
    sound(search(TWO, rulesOf(volatile)));
  });
  test(`[FB-10] [FB-13] [FB-17] every history of three tiers ${memory} keeps the rules`, () => {
    sound(search(THREE, rulesOf(volatile)));
  });
}

/** What the search must find once a part of the protocol is left out: otherwise it would find nothing. */
const NEEDED: Record<Omission, { rule: string; problem: RegExp }> = {
  'the record that a member left': { rule: '[FB-2]', problem: /acknowledge, and are not enough to start with/ },
  'asking all members at the start': { rule: '[FB-7]', problem: /after a start with tiers .* is not where it was/ },
  'keeping numbers of open batches': { rule: '[FB-4]', problem: /another branch/ },
  'former members first': { rule: '[FB-2]', problem: /after a start with tiers .* is not where it was/ },
  'asking before writing': { rule: '[FB-5]', problem: /holds something else/ },
  'waiting for who may lead': { rule: '[FB-13]', problem: /lacks what it was promised to hold|is not where it was/ },
};

for (const [omission, { rule, problem }] of Object.entries(NEEDED)) {
  test(`${rule} without ${omission} the search finds a history that goes wrong`, () => {
    const { counterexample } = search({ ...TWO, faults: 3 }, rulesOf(true, omission as Omission));
    assert.match(counterexample?.problem ?? 'nothing', problem);
    assert.ok(counterexample!.actions.length > 0);
  });
}
