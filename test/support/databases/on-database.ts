import { after, test } from 'node:test';
import { needs } from '../needs.ts';
import type { Scope } from '../temp-dir.ts';
import { type DatabaseServer, type Engine, startDatabase } from './database-server.ts';

/** How tests get at database servers of one kind. */
export interface Servers {
  /** One for all tests of the file, started by the first that asks. Whoever takes it down starts it again. */
  shared(): Promise<DatabaseServer>;
  /** One of its own, for a test whose damage others must not meet. */
  own(scope: Scope): Promise<DatabaseServer>;
}

/**
 * Declares tests that need a database server; called at the top of a test file. On a machine without such a server
 * there is one test instead, which is skipped and says why.
 */
export const onDatabase = (name: string, engine: Engine | undefined, declare: (servers: Servers) => void): void => {
  if (engine === undefined) {
    test(`on ${name}`, (t) => {
      needs(t, undefined, `these tests need the programs of ${name}`);
    });
    return;
  }
  const ends: (() => void | Promise<void>)[] = [];
  // Registered here, for inside a test it would be that test's own end.
  after(async () => {
    for (const end of ends) await end();
  });
  let shared: Promise<DatabaseServer> | undefined;
  declare({
    shared: () => {
      shared ??= startDatabase({ after: (end) => ends.push(end) }, engine);
      return shared;
    },
    own: (scope) => startDatabase(scope, engine),
  });
};
