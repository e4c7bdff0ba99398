import type { TestContext } from 'node:test';

/**
 * For a test that asks more of the machine than Node: leaves it out aloud where `found` is missing, but fails in CI,
 * where nothing may be left out.
 * @returns what was found; undefined when the test is skipped and should return at once
 */
export const needs = <T>(t: TestContext, found: T | undefined, reason: string): T | undefined => {
  if (found !== undefined) return found;
  if (process.env.CI) throw new Error(`${reason} (nothing is skipped in CI)`);
  t.skip(reason);
  return undefined;
};
