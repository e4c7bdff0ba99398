import type { Servers } from '../../../../test/support/databases/on-database.ts';
import type { Store } from '../../../domain/store.ts';
import type { Place } from '../../contract/store-contract.ts';

/** Places on one server for all tests of a file: a database each. */
export const databasePlaces = (servers: Servers, make: (url: URL) => Store) => async (): Promise<Place> => {
  const server = await servers.shared();
  const database = await server.createDatabase();
  return { make: () => make(new URL(database.url)), dispose: () => database.drop() };
};
