import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SERVE_FLAGS, zoneOf } from '../config/config.ts';
import { type FlagTable, readFlags } from '../config/flags.ts';
import { UsageError } from '../config/usage-error.ts';
import type { ImportItem } from '../domain/change.ts';
import type { Committing } from '../domain/chat.ts';
import { CONVERSATIONS_FILE, MESSAGES_FILE, readPlainFiles } from '../stores/file/adopt/plain-files.ts';
import type { DiskFile } from '../stores/file/disk.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import { keptStore, required, withChat } from './open-chat.ts';
import { Progress } from './progress.ts';

const FLAGS = {
  from: { placeholder: 'DIR' },
  store: { placeholder: 'URL' },
  timezone: SERVE_FLAGS.timezone,
} as const satisfies FlagTable;

/** Items committed at once: one sync for all of them, and some milliseconds of work. */
const ITEMS_PER_BATCH = 1000;

/** The real disk, which also says how far the reading has come. */
class CountingDisk extends NodeDisk {
  bytesRead = 0;

  override async open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile> {
    const file = await super.open(path, mode);
    const read = file.read.bind(file);
    file.read = async (into, position) => {
      const count = await read(into, position);
      this.bytesRead += count;
      return count;
    };
    return file;
  }
}

interface Summary {
  /** Met in the files, by kind. */
  readonly found: Record<ImportItem['type'], number>;
  /** Records written: 0 when everything was there already. */
  added: number;
  /** What could not be read, a line each. */
  readonly unreadable: string[];
}

const totalBytes = async (dir: string): Promise<number> => {
  const sizes = [CONVERSATIONS_FILE, MESSAGES_FILE].map(async (name) => {
    const found = await stat(join(dir, name)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  });
  const known = (await Promise.all(sizes)).filter((size) => size !== undefined);
  if (known.length === 0) throw new UsageError({ code: 'nothing_to_import', flag: '--from', dir });
  return known.reduce((sum, size) => sum + size, 0);
};

const importInto = async (chat: Committing, dir: string, timezone: string, progress: Progress): Promise<Summary> => {
  const summary: Summary = { found: { contact: 0, agent: 0, conversation: 0, message: 0 }, added: 0, unreadable: [] };
  const total = await totalBytes(dir);
  const disk = new CountingDisk();
  const onUnreadable = ({ file, offset, reason }: { file: string; offset: number; reason: string }) => {
    summary.unreadable.push(`${file}, byte ${offset}: ${reason}`);
  };
  let items: ImportItem[] = [];
  let committing: Promise<void> = Promise.resolve();
  const commit = async (batch: readonly ImportItem[]) => {
    const { done } = await chat.log.commit({ type: 'import', items: batch });
    summary.added += done.added;
    progress.show(disk.bytesRead / total, String(summary.found.message));
  };
  // While one batch goes to the disk the next is read; an error comes up at the next turn.
  const next = async () => {
    await committing;
    committing = commit(items);
    committing.catch(() => {});
    items = [];
  };
  for await (const item of readPlainFiles(dir, { disk, timezone, onUnreadable })) {
    summary.found[item.type] += 1;
    items.push(item);
    if (items.length === ITEMS_PER_BATCH) await next();
  }
  if (items.length > 0) await next();
  await committing;
  return summary;
};

const report = ({ found, added, unreadable }: Summary, { stdout, stderr, text }: CommandContext): void => {
  const known = Object.values(found).reduce((sum, count) => sum + count, 0) - added;
  const sentences = [
    text.imported.found(found.conversation, found.message),
    ...(added > 0 ? [text.imported.added(added)] : []),
    ...(known > 0 ? [text.imported.known(known)] : []),
  ];
  stdout.write(`${sentences.join(' ')}\n`);
  if (unreadable.length === 0) return;
  stderr.write(`${text.imported.unreadable(unreadable.length)}\n${unreadable.map((line) => `  ${line}\n`).join('')}`);
};

/** `guichet import`: a second run of the same adds nothing. */
export const importFiles: Command = {
  flags: FLAGS,
  required: ['from', 'store'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const dir = resolve(required(given.from, '--from').value);
    const store = keptStore(given.store, '--store');
    await totalBytes(dir);
    const timezone = zoneOf(given.timezone);

    const progress = new Progress(context.stderr, context.text.imported.label);
    const summary = await withChat(store, timezone, context, (chat) => importInto(chat, dir, timezone, progress));
    progress.end();
    report(summary, context);
    return EXIT.done;
  },
};
