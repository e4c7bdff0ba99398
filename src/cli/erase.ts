import { join } from 'node:path';
import type { ErasedHere } from '../app.ts';
import { erasuresAround, openErasures } from '../backup/erasures.ts';
import { Shelf } from '../backup/shelf.ts';
import { SERVE_FLAGS } from '../config/config.ts';
import { type FlagTable, readFlags } from '../config/flags.ts';
import { backupDirectory, ownDirectory, parseStoreUrls, type StoreUrl } from '../config/store-url.ts';
import { UsageError } from '../config/usage-error.ts';
import { wholeNumber } from '../config/values.ts';
import { SYSTEM } from '../domain/access.ts';
import { type EraseHow, eraseWhole } from '../domain/actions/erase-visitor.ts';
import type { Erasure } from '../domain/model/erased.ts';
import { reasonOf } from '../stores/file/disk-files.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { holdsErased, rewriteBackup } from '../stores/purge-backup.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import { loggerOf, requireKept, withOwnChat, withServer } from './open-chat.ts';

const FLAGS = {
  store: SERVE_FLAGS.store,
  purge: {},
  'dry-run': {},
  'backup-dir': SERVE_FLAGS['backup-dir'],
  'backup-keep': SERVE_FLAGS['backup-keep'],
} as const satisfies FlagTable;

const DAY_MS = 24 * 60 * 60 * 1000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;
/** What stands beside daily backups and may hold anything: originals of adopted files, copies from before an upgrade. */
const IS_OTHER_COPY = /^(?:adopted-|before-format-)/;

/** `guichet erase VISITOR`: what an admin can do in the console, and the backups as well. */
export const erase: Command = {
  flags: FLAGS,
  required: [],
  about: 'VISITOR',
  async run([visitor, ...args], context) {
    if (visitor === undefined || visitor.startsWith('--')) {
      throw new UsageError({ code: 'missing_flag', flag: 'VISITOR' });
    }
    const given = readFlags(FLAGS, args, context.env);
    const stores = parseStoreUrls(given.store?.value ?? FLAGS.store.default);
    requireKept(stores[0], given.store?.flag ?? '--store');
    const how: EraseHow = { purge: given.purge !== undefined, dryRun: given['dry-run'] !== undefined };
    const kept = given['backup-keep'] ?? { flag: '--backup-keep', value: FLAGS['backup-keep'].default };
    const here = {
      backups: backupDirectory(stores, given['backup-dir']?.value ?? null),
      keep: wholeNumber(kept, 1, 10_000),
    };
    const erased = await eraseIn(stores, visitor, how, here, context);
    const { stdout, text } = context;
    const said = how.dryRun ? text.erased.would(erased) : text.erased.done(erased);
    stdout.write(`${said}\n`);
    if (!how.dryRun && ownDirectory(stores) !== null) {
      stdout.write(`${erased.purged ? text.erased.purged : text.erased.agesOut}\n`);
    }
    const directory = given['backup-dir']?.value ?? erased.backups;
    if (directory !== null) await new Copies(directory, ownDirectory(stores), visitor, context).tell(how, erased.keep);
    stdout.write(`${text.erased.elsewhere}\n`);
    return EXIT.done;
  },
};

/** By way of the server that holds the stores, else here. */
const eraseIn = async (
  stores: readonly [StoreUrl, ...StoreUrl[]],
  visitor: string,
  how: EraseHow,
  here: Pick<ErasedHere, 'backups' | 'keep'>,
  context: CommandContext,
): Promise<ErasedHere> => {
  const there = await withServer(stores, (server) => server.erase(visitor, how));
  if (there !== undefined) return there.used;
  const erasures = await openErasures(ownDirectory(stores), here.backups, loggerOf(context));
  const erased = await withOwnChat(stores, undefined, context, (chat) =>
    eraseWhole(chat, SYSTEM, visitor, how, (...more) => erasures.add(...more)),
  );
  return { ...erased, ...here };
};

/** Copies of before that may hold what was erased: backups, and what stands beside them. */
class Copies {
  readonly #directory: string;
  readonly #own: string | null;
  readonly #visitor: string;
  readonly #context: CommandContext;
  readonly #disk = new NodeDisk();
  readonly #shelf: Shelf;

  constructor(directory: string, own: string | null, visitor: string, context: CommandContext) {
    this.#directory = directory;
    this.#own = own;
    this.#visitor = visitor;
    this.#context = context;
    this.#shelf = new Shelf(directory);
  }

  /** Says which hold it and until when, or writes them again without it. @param keep backups that are kept */
  async tell({ purge, dryRun }: EraseHow, keep: number): Promise<void> {
    const { erased: text } = this.#context.text;
    const places = [...(this.#own === null ? [] : [this.#own]), this.#directory];
    // Also the one who is asked about in a dry run, or whose list is on another machine.
    const now: Erasure = { id: this.#visitor, at: new Date().toISOString() };
    const erasures = [...(await erasuresAround(places)), now];
    const { holding, unreadable } = await this.#holding(erasures);
    if (holding.length > 0 && purge && !dryRun) {
      this.#say(text.rewriting(holding.length));
      for (const { name } of holding) this.#say(text.rewritten(name, await this.#rewrite(name, erasures)));
    } else if (holding.length > 0) {
      this.#say(text.holding(holding.length));
      for (const { name, newer } of holding) {
        const day = new Date(Date.now() + Math.max(1, keep - newer) * DAY_MS).toISOString().slice(0, DAY_LENGTH);
        this.#say(text.until(name, day));
      }
    }
    for (const line of unreadable) this.#say(line);
    const others = await this.#others();
    if (others.length > 0) this.#say([text.others, ...others.map((path) => `  ${path}`)].join('\n'));
  }

  async #holding(erasures: readonly Erasure[]) {
    const backups = await this.#shelf.list();
    const holding: { readonly name: string; readonly newer: number }[] = [];
    const unreadable: string[] = [];
    for (const [i, { name }] of backups.entries()) {
      try {
        const holds = await holdsErased(this.#place(name), erasures);
        if (holds) holding.push({ name, newer: backups.length - 1 - i });
      } catch (error) {
        unreadable.push(this.#context.text.erased.unreadable(name, reasonOf(error)));
      }
    }
    return { holding, unreadable };
  }

  /** The new one stands beside the old before that goes: a crash in between leaves both. */
  async #rewrite(name: string, erasures: readonly Erasure[]): Promise<string> {
    const to = await this.#shelf.placeFor(name.slice(0, DAY_LENGTH));
    await rewriteBackup(this.#place(name), to, erasures);
    await this.#shelf.remove(name);
    return to;
  }

  async #others(): Promise<string[]> {
    const beside = (await this.#disk.list(this.#directory)).filter((name) => IS_OTHER_COPY.test(name));
    const aside = this.#own === null ? [] : [join(this.#own, 'quarantine')];
    const found = beside.map((name) => join(this.#directory, name));
    for (const place of aside) found.push(...(await this.#disk.list(place)).map((name) => join(place, name)));
    return found;
  }

  #place(name: string) {
    return { disk: this.#disk, path: join(this.#directory, name), logger: loggerOf(this.#context) };
  }

  #say(line: string): void {
    this.#context.stdout.write(`${line}\n`);
  }
}
