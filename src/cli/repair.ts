import { erasuresAround } from '../backup/erasures.ts';
import { SERVE_FLAGS } from '../config/config.ts';
import { type FlagTable, type FlagValue, readFlags } from '../config/flags.ts';
import { ownDirectory, parseStoreUrls, type StoreUrl } from '../config/store-url.ts';
import { asRestored } from '../domain/as-restored.ts';
import { headOf } from '../domain/copy-log.ts';
import { newLogIdentity } from '../domain/model/log-identity.ts';
import { donorsFor } from '../domain/repair/remains.ts';
import { nothingLost, type RepairReport, salvage } from '../domain/repair/salvage.ts';
import type { Store } from '../domain/store.ts';
import { StoreProblem } from '../domain/store-problem.ts';
import { erasuresIn, WithoutErased } from '../domain/without-erased.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { repairFileStore } from '../stores/file/repair/repair.ts';
import { MemoryStore } from '../stores/memory/memory-store.ts';
import { type DatabaseUrl, openForReading, remainsIn } from '../stores/open-store.ts';
import { verifyWhole } from './check.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import { copyBeside, copyInto, tellWhatIsLeft } from './copy.ts';
import type { Messages } from './messages/messages.ts';
import { keptStore, loggerOf, required, requireKept } from './open-chat.ts';
import { rewoundFor } from './restore.ts';

const FLAGS = {
  store: { placeholder: 'URL[,URL]' },
  to: { placeholder: 'URL' },
  'dry-run': {},
  'accept-loss': {},
  json: {},
  blobs: SERVE_FLAGS.blobs,
} as const satisfies FlagTable;

/** What is asked of a repair. */
interface Asked {
  readonly to: StoreUrl | undefined;
  readonly dryRun: boolean;
  /** Goes on without what is found nowhere. */
  readonly acceptLoss: boolean;
  readonly blobs: FlagValue | undefined;
}

/** `guichet repair`: of the first store of the list, with the help of the others. */
export const repair: Command = {
  flags: FLAGS,
  required: ['store'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const flag = required(given.store, '--store');
    const [store, ...others] = parseStoreUrls(flag.value);
    for (const url of [store, ...others]) requireKept(url, flag.flag);
    const asked: Asked = {
      to: given.to && keptStore(given.to, '--to'),
      dryRun: given['dry-run'] !== undefined,
      acceptLoss: given['accept-loss'] !== undefined,
      blobs: given.blobs,
    };
    const donors: Store[] = [];
    try {
      for (const url of others) donors.push(await openForReading(url, { logger: loggerOf(context) }));
      // What is said besides is no JSON.
      const said = given.json ? { ...context, stdout: context.stderr } : context;
      const report = await repaired(store, donors, asked, said);
      const text = given.json
        ? JSON.stringify({ store: store.name, ...report }, null, 2)
        : readable(report, context.text).join('\n');
      context.stdout.write(`${text}\n`);
      return EXIT.done;
    } finally {
      for (const donor of donors) await donor.close();
    }
  },
};

const repaired = (store: StoreUrl, donors: readonly Store[], asked: Asked, context: CommandContext) => {
  if (store.kind === 'file') {
    if (asked.to !== undefined) throw new StoreProblem({ code: 'repair_in_place', store: store.name });
    const scratch = () => new MemoryStore();
    return repairFileStore({ disk: new NodeDisk(), directory: store.path, donors, scratch, ...asked });
  }
  return repairDatabase(store as DatabaseUrl, donors, asked, context);
};

/**
 * Puts what a database still holds, and what others hold of it, into another store. Cut short, it is gone on with by
 * the next run. Into the database itself nothing is written: its server may be what is broken.
 */
const repairDatabase = async (
  store: DatabaseUrl,
  others: readonly Store[],
  { to, dryRun, acceptLoss, blobs }: Asked,
  context: CommandContext,
): Promise<RepairReport> => {
  if (to === undefined && !dryRun) throw new StoreProblem({ code: 'repair_needs_target', store: store.name });
  const checked = await verifyWhole(store, context);
  if (checked.ok) return { ...nothingLost(checked.counts.position), outcome: 'sound' };
  const remains = await remainsIn(store);
  const known = remains.log ?? (others[0] && (await headOf(others[0])).log);
  const log = known ?? newLogIdentity();
  const donors = await donorsFor(log, others);
  const into = new MemoryStore();
  await into.open({ log });
  const salvaged = await salvage({ name: store.name, remains, donors, into, log });
  if (to === undefined || dryRun) return { ...salvaged, outcome: 'would' };
  if (known === undefined && !acceptLoss) throw new StoreProblem({ code: 'log_unknown', store: store.name });
  if (salvaged.lost > 0 && !acceptLoss) throw new StoreProblem({ code: 'would_lose', changes: salvaged.lost });
  const home = ownDirectory([store]);
  const erasures = [...(home === null ? [] : await erasuresAround([home])), ...(await erasuresIn(into, log.id))];
  if (salvaged.lost === 0) await copyInto(into, to, log, context);
  else {
    // What another store gave may be from before somebody was erased, and the record that says so among what is lost.
    const without = new WithoutErased(into, log.id, erasures);
    await copyInto(into, to, await rewoundFor(to, log), context, {
      as: (_, target) => asRestored(without, target),
    });
  }
  await copyBeside({ files: undefined, erasures }, to, blobs, context);
  await tellWhatIsLeft(store, to, into, context);
  return { ...salvaged, outcome: 'done', to: to.name };
};

const readable = (
  { outcome, base, head, lost, placeholders, kept, to }: RepairReport,
  { repaired: text }: Messages,
): string[] => {
  if (outcome === 'sound') return [text.sound];
  const from = base.position === 0 ? [] : [text.base(base.position, base.from)];
  const found = lost === 0 ? [text.whole(head)] : [...from, text.lost(lost, placeholders)];
  if (outcome === 'would') return [...found, text.would];
  return [...found, to === undefined ? text.done(kept ?? '') : text.written(to), ...(lost === 0 ? [] : [text.rewound])];
};
