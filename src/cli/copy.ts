import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { carryErasures, erasuresAround } from '../backup/erasures.ts';
import { copyBlobs } from '../blobs/copy-blobs.ts';
import { SERVE_FLAGS } from '../config/config.ts';
import { type FlagTable, type FlagValue, readFlags } from '../config/flags.ts';
import { ownDirectory, type StoreUrl } from '../config/store-url.ts';
import { type CopyReport, copyLog, headOf } from '../domain/copy-log.ts';
import type { WholeReads } from '../domain/digest.ts';
import type { Erasure } from '../domain/model/erased.ts';
import type { LogIdentity } from '../domain/model/log-identity.ts';
import type { Reads, Store } from '../domain/store.ts';
import { StoreProblem } from '../domain/store-problem.ts';
import { isPlain } from '../stores/file/adopt/adoption.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { endCopy } from '../stores/file/unfinished-copy.ts';
import { createStore } from '../stores/open-store.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import { blobsOf, keptStore, loggerOf, withSource } from './open-chat.ts';
import { Progress } from './progress.ts';

const FLAGS = {
  from: { placeholder: 'URL' },
  to: { placeholder: 'URL' },
  blobs: SERVE_FLAGS.blobs,
} as const satisfies FlagTable;

/** `guichet copy`: where the target stands is where it goes on, so a second run finishes what the first began. */
export const copy: Command = {
  flags: FLAGS,
  required: ['from', 'to'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const from = keptStore(given.from, '--from');
    const to = keptStore(given.to, '--to');
    return withSource(from, context, async (source) => {
      const { log } = await headOf(source);
      const report = await copyInto(source, to, log, context);
      context.stdout.write(`${context.text.copied.done(report)}\n`);
      const home = ownDirectory([from]);
      const erasures = home === null ? [] : await erasuresAround([home]);
      await copyBeside({ files: blobsOf(from, undefined), erasures }, to, given.blobs, context);
      await tellWhatIsLeft(from, to, source, context);
      return EXIT.done;
    });
  },
};

/** What stands beside a log. */
export interface Beside {
  /** Where the content of files is, where that is known. */
  readonly files: string | undefined;
  readonly wanted?: (id: string) => boolean;
  readonly erasures: readonly Erasure[];
}

/** Brings what stands beside a log to where its copy is. @param blobs where files of the copy go, if that was said */
export const copyBeside = async (
  { files, wanted, erasures }: Beside,
  to: StoreUrl,
  blobs: FlagValue | undefined,
  context: CommandContext,
): Promise<void> => {
  const [place, logger] = [blobsOf(to, blobs), loggerOf(context)];
  await carryErasures(erasures, ownDirectory([to]), logger);
  if (files !== undefined && place !== undefined) {
    await copyBlobs(new NodeDisk(), files, place, logger, { ...(wanted && { wanted }) });
  }
};

/** How a copy differs from a plain one. */
export interface CopyAs {
  readonly label?: string;
  /** What the target is to hold of the source; told which keeper the target is. */
  readonly as?: (source: WholeReads, target: { readonly keeper: string; readonly name: string }) => WholeReads;
}

/** Copies what a source holds into a store, which is opened for it and closed again; shows a bar. */
export const copyInto = async (
  source: Reads,
  to: StoreUrl,
  log: LogIdentity,
  context: CommandContext,
  { label = context.text.copied.copying, as = (reads: WholeReads) => reads }: CopyAs = {},
): Promise<CopyReport> => {
  if (to.kind === 'file' && (await isPlain(new NodeDisk(), to.path))) {
    throw new StoreProblem({ code: 'target_is_plain', store: to.name, dir: to.path });
  }
  const bars = {
    copying: new Progress(context.stderr, label),
    comparing: new Progress(context.stderr, context.text.copied.comparing),
  };
  const target: Store = createStore(to, { logger: loggerOf(context), filling: true, closeSeconds: 0 });
  try {
    const opened = await target.open({ log });
    const report = await copyLog(
      as(source, { keeper: opened.keeper ?? target.name, name: target.name }),
      target,
      opened,
      {
        log,
        onProgress: (stage, done, of) => bars[stage].show(of === 0 ? 1 : done / of, String(done)),
      },
    );
    if (to.kind === 'file') await endCopy(new NodeDisk(), to.path);
    return report;
  } finally {
    bars.copying.end();
    bars.comparing.end();
    await target.close();
  }
};

/** What is no record of the log, or names the stores that keep it, is for the owner to decide. */
export const tellWhatIsLeft = async (from: StoreUrl, to: StoreUrl, source: Reads, { stdout, text }: CommandContext) => {
  const secrets = from.kind === 'file' ? join(from.path, 'secrets.json') : undefined;
  if (secrets !== undefined && to.kind === 'file' && (await stat(secrets).catch(() => undefined)) !== undefined) {
    stdout.write(`${text.copied.secrets(secrets, to.path)}\n`);
  }
  const set = await source.entry('chain', 'chain');
  if (set === undefined) return;
  stdout.write(`${text.copied.chain(set.members.map(({ name }) => name).join(','))}\n`);
};
