import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROUTES, type Route } from '../../src/http/routes.ts';
import { arbitraryOf } from '../support/arbitrary-of.ts';
import { seedOfRun } from '../support/random.ts';
import { casesOfRun, requireCalm, requireDiscretion, startWorld, type World } from './world.ts';

const CASES = casesOfRun(400);
/** At length it takes as long as it takes. */
const HOURS = 6 * 3_600_000;
/** A call that is not answered in this time hangs. */
const HANGS_MS = 60_000;

interface Case {
  readonly caller: World['callers'][number];
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Calls that would take away what later cases need: they are made on what nobody needs. */
const SPARED = /^(DELETE|PUT|POST|PATCH) \/(contacts|agents|blocked-addresses)\//;

/** Calls after which a caller would be nobody for the rest of the run. */
const ENDS_TOKENS = new Set(['DELETE /sessions/current', 'POST /me/token']);

const casesOf = (world: World, [method, path, , { params, query, body }]: Route): fc.Arbitrary<Case> => {
  const names = Object.keys(params?.properties ?? {});
  const spared = SPARED.test(`${method} ${path}`);
  const ids = path.startsWith('/agents') ? [world.colleague, 'none'] : [world.bystander, '203.0.113.9'];
  const value = spared ? fc.constantFrom(...ids) : arbitraryOf({ type: 'string' }, world.known);
  return fc
    .record({
      caller: fc.constantFrom(...world.callers),
      params: fc.tuple(...names.map(() => value)),
      query: query === undefined ? fc.constant({}) : arbitraryOf(query, world.known),
      body: body === undefined ? fc.constant(undefined) : arbitraryOf(body, world.known),
    })
    .map(({ caller, params: given, query: asked, body: sent }) => {
      let filled = path;
      for (const [i, name] of names.entries()) filled = filled.replace(`:${name}`, encode(given[i]));
      // A poll that waits is no fault; it would only take its time.
      const fields = Object.entries((asked ?? {}) as object).filter(([name]) => name !== 'wait');
      const search = fields.map(([name, one]) => `${encode(name)}=${encode(one)}`).join('&');
      return { caller, method, path: search === '' ? filled : `${filled}?${search}`, body: sent };
    });
};

/** Percent-encoded, whatever it is; half a surrogate pair becomes what a client would make of it. */
const encode = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
};

test('[AC-28] no call, whatever is sent with it, is a fault of the server or tells of somebody else', {
  timeout: HOURS,
}, async (t) => {
  const world = await startWorld(t);
  const routes = ROUTES.filter(([method, path]) => !ENDS_TOKENS.has(`${method} ${path}`));
  let sent = 0;
  const statuses = new Map<number, number>();
  const property = fc.asyncProperty(fc.oneof(...routes.map((route) => casesOf(world, route))), async (one) => {
    sent += 1;
    const reply = await world.app.ask(one.method, one.path, {
      token: one.caller.token,
      ...(one.method !== 'GET' && one.body !== undefined && { body: one.body }),
      headers: { 'x-forwarded-for': `198.51.${(sent >> 8) % 250}.${sent % 250}` },
      signal: AbortSignal.timeout(HANGS_MS),
    });
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    assert.ok(reply.status < 500, `${reply.status} ${reply.text}`);
    requireDiscretion(one.caller.name, reply.text);
  });
  await fc.assert(property, { numRuns: CASES, seed: seedOfRun(), endOnFailure: true });
  requireCalm(world);
  t.diagnostic(`${sent} calls of ${routes.length} routes, answered ${JSON.stringify(Object.fromEntries(statuses))}`);
});
