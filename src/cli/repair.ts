import { type FlagTable, readFlags } from '../config/flags.ts';
import { parseStoreUrls } from '../config/store-url.ts';
import type { Store } from '../domain/store.ts';
import { StoreProblem } from '../domain/store-problem.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { type RepairReport, repairFileStore } from '../stores/file/repair/repair.ts';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { openForReading } from '../stores/open-store.ts';
import { type Command, EXIT } from './command.ts';
import type { Messages } from './messages/messages.ts';
import { loggerOf, required, requireKept } from './open-chat.ts';

const FLAGS = {
  store: { placeholder: 'URL[,URL]' },
  'dry-run': {},
  'accept-loss': {},
  json: {},
} as const satisfies FlagTable;

/** `guichet repair`: of the first store of the list, with the help of the others. */
export const repair: Command = {
  flags: FLAGS,
  required: ['store'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const flag = required(given.store, '--store');
    const [store, ...others] = parseStoreUrls(flag.value);
    for (const url of [store, ...others]) requireKept(url, flag.flag);
    if (store.kind !== 'file') throw new StoreProblem({ code: 'repair_by_copy', store: store.name });
    const donors: Store[] = [];
    try {
      for (const url of others) donors.push(await openForReading(url, { logger: loggerOf(context) }));
      const report = await repairFileStore({
        ...{ disk: new NodeDisk(), directory: store.path, donors, scratch: () => new MemoryStore() },
        dryRun: given['dry-run'] !== undefined,
        acceptLoss: given['accept-loss'] !== undefined,
      });
      const said = given.json
        ? JSON.stringify({ store: store.name, ...report }, null, 2)
        : readable(report, context.text).join('\n');
      context.stdout.write(`${said}\n`);
      return EXIT.done;
    } finally {
      for (const donor of donors) await donor.close();
    }
  },
};

const readable = (
  { outcome, base, head, lost, placeholders, kept }: RepairReport,
  { repaired }: Messages,
): string[] => {
  if (outcome === 'sound') return [repaired.sound];
  const found =
    lost === 0 ? [repaired.whole(head)] : [repaired.base(base.position, base.from), repaired.lost(lost, placeholders)];
  if (outcome === 'would') return [...found, repaired.would];
  return [...found, repaired.done(kept ?? ''), ...(lost === 0 ? [] : [repaired.rewound])];
};
