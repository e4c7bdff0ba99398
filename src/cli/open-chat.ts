import { join, resolve } from 'node:path';
import type { FlagValue } from '../config/flags.ts';
import { parseSingleStoreUrl, type StoreUrl } from '../config/store-url.ts';
import { UsageError } from '../config/usage-error.ts';
import type { Chat, Committing } from '../domain/chat.ts';
import { GroupCommit } from '../domain/group-commit.ts';
import type { Store } from '../domain/store.ts';
import { createChain, openForReading, type StoreOptions } from '../stores/open-store.ts';
import type { CommandContext } from './command.ts';
import { ControlClient } from './control/control-client.ts';

/** Refuses what a command cannot work on: a store that is gone when the command ends. */
export const requireKept = (url: StoreUrl, flag: string): void => {
  if (url.kind === 'memory') throw new UsageError({ code: 'store_not_kept', flag });
};

/** A flag without which the command has nothing to do. */
export const required = (given: FlagValue | undefined, flag: string): FlagValue => {
  if (given === undefined) throw new UsageError({ code: 'missing_flag', flag });
  return given;
};

/** The one store that a flag names and without which the command has nothing to do. */
export const keptStore = (given: FlagValue | undefined, flag: string): StoreUrl => {
  const { value, flag: written } = required(given, flag);
  const url = parseSingleStoreUrl(value, written);
  requireKept(url, written);
  return url;
};

/** What a command that writes a store to a directory is told: `--store` and `--to`. */
export const storeAndPlace = (given: {
  readonly store?: FlagValue;
  readonly to?: FlagValue;
}): { readonly store: StoreUrl; readonly dir: string } => ({
  store: keptStore(given.store, '--store'),
  dir: resolve(required(given.to, '--to').value),
});

/** A store to read from, let used, and closed whatever happens. */
export const withSource = async <T>(
  url: StoreUrl,
  context: CommandContext,
  use: (source: Store) => Promise<T>,
  past?: StoreOptions['past'],
) => {
  const source = await openForReading(url, { logger: loggerOf(context), ...(past !== undefined && { past }) });
  try {
    return await use(source);
  } finally {
    await source.close();
  }
};

/** Where the content of files is that belong to a store, where that is known. */
export const blobsOf = (url: StoreUrl, given: FlagValue | undefined): string | undefined => {
  if (given !== undefined) return resolve(given.value);
  return url.kind === 'file' ? join(url.path, 'blobs') : undefined;
};

/** What a store tells its owner, on stderr. */
export const loggerOf = ({ stderr }: CommandContext) => {
  const say = (message: string): void => void stderr.write(`${message}\n`);
  return { info: () => {}, warn: say, error: say };
};

/** The server that holds these stores, let used; `undefined` where none answers. */
export const withServer = async <T>(
  urls: readonly StoreUrl[],
  use: (server: ControlClient) => Promise<T>,
): Promise<{ readonly used: T } | undefined> => {
  const server = await ControlClient.to(urls);
  if (server === undefined) return undefined;
  try {
    return { used: await use(server) };
  } finally {
    server.close();
  }
};

/**
 * Opens stores for a command, lets them be used, and closes them whatever happens. As a chain, even a single one: a
 * store that is part of a longer one must not be written to behind its back.
 * @throws GuichetError `refused` when another process holds them, among others
 */
export const withOwnChat = async <T>(
  urls: readonly [StoreUrl, ...StoreUrl[]],
  timezone: string | undefined,
  context: CommandContext,
  use: (chat: Chat) => Promise<T>,
): Promise<T> => {
  const zone = timezone !== undefined && { timezone };
  // Nobody waits for the end of a command as for that of a server: what it added is put in order first.
  const store = createChain(urls, { logger: loggerOf(context), closeSeconds: 0, ...zone });
  try {
    const queue = new GroupCommit(store, await store.open());
    try {
      return await use({ store, log: queue });
    } finally {
      await queue.close();
    }
  } finally {
    await store.close();
  }
};

/** The store of a command to write to: by way of the server that holds it, else opened for it. */
export const withChat = async <T>(
  url: StoreUrl,
  timezone: string | undefined,
  context: CommandContext,
  use: (chat: Committing) => Promise<T>,
): Promise<T> => (await withServer([url], use))?.used ?? withOwnChat([url], timezone, context, use);
