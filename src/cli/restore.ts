import { dirname, join, resolve } from 'node:path';
import { erasuresAround } from '../backup/erasures.ts';
import { SERVE_FLAGS, zoneOf } from '../config/config.ts';
import { type FlagTable, type FlagValue, readFlags } from '../config/flags.ts';
import { ownDirectory, type StoreUrl } from '../config/store-url.ts';
import { UsageError } from '../config/usage-error.ts';
import { asRestored } from '../domain/as-restored.ts';
import { filesNamedIn } from '../domain/attachments/files-named.ts';
import { headOf } from '../domain/copy-log.ts';
import { summaryOf } from '../domain/log-summary.ts';
import type { Erasure } from '../domain/model/erased.ts';
import { type LogIdentity, rewound } from '../domain/model/log-identity.ts';
import { erasuresIn, WithoutErased } from '../domain/without-erased.ts';
import { PlainTime } from '../lib/plain-time.ts';
import type { Moment } from '../stores/file/backup/history.ts';
import { createStore } from '../stores/open-store.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import { type CopyAs, copyBeside, copyInto } from './copy.ts';
import { keptStore, required, withSource } from './open-chat.ts';

const FLAGS = {
  from: { placeholder: 'DIR' },
  to: { placeholder: 'URL' },
  at: { placeholder: 'TIME|POSITION' },
  current: { placeholder: 'URL' },
  'dry-run': {},
  json: {},
  blobs: SERVE_FLAGS.blobs,
  timezone: SERVE_FLAGS.timezone,
} as const satisfies FlagTable;

/** `guichet restore`: from a backup, or from a data directory with its journal, into an empty store. */
export const restore: Command = {
  flags: FLAGS,
  required: ['from', 'to'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const path = resolve(required(given.from, '--from').value.replace(/^file:/, ''));
    const to = given.to || !given['dry-run'] ? keptStore(given.to, '--to') : undefined;
    const past = given.at && momentOf(given.at, zoneOf(given.timezone));
    const from: StoreUrl = { kind: 'file', name: path, path };
    return withSource(
      from,
      context,
      async (source) => {
        if (to === undefined || given['dry-run']) {
          const summary = await summaryOf(source);
          context.stdout.write(`${given.json ? JSON.stringify(summary, null, 2) : readable(summary, context)}\n`);
          return EXIT.done;
        }
        const { log: held } = await headOf(source);
        const log = await rewoundFor(to, held);
        const erasures = await erasuresFor({ path, to, current: given.current, log: held.id }, context);
        const without = new WithoutErased(source, held.id, erasures);
        const erased = await without.held();
        const label = context.text.restored.label;
        const as: NonNullable<CopyAs['as']> = (_, target) => asRestored(without, target);
        const report = await copyInto(source, to, log, context, { label, as });
        const named = erased === 0 ? undefined : await filesNamedIn(without);
        const beside = {
          files: join(path, 'blobs'),
          ...(named && { wanted: (id: string) => named.has(id) }),
          erasures,
        };
        await copyBeside(beside, to, given.blobs, context);
        const said = given.json
          ? JSON.stringify({ store: to.name, log, ...report, erased })
          : [context.text.restored.done(report), ...(erased > 0 ? [context.text.restored.erased(erased)] : [])].join(
              '\n',
            );
        context.stdout.write(`${said}\n`);
        return EXIT.done;
      },
      past,
    );
  },
};

/**
 * Who was erased as far as anybody around knows: the lists beside what is restored from, beside the target and the one
 * it replaces, and what that one itself says, which is all there is where the store is a database.
 */
const erasuresFor = async (
  { path, to, current, log }: { path: string; to: StoreUrl; current: FlagValue | undefined; log: string },
  context: CommandContext,
): Promise<readonly Erasure[]> => {
  const replaced = current && keptStore(current, '--current');
  const homes = [to, ...(replaced === undefined ? [] : [replaced])].map((url) => ownDirectory([url]));
  const places = [path, dirname(path), dirname(dirname(path)), ...homes.filter((home) => home !== null)];
  const listed = await erasuresAround([...new Set(places)]);
  const known = (url: StoreUrl) => withSource(url, context, (store) => erasuresIn(store, log));
  // A data directory that is restored from to the past is the present one, too.
  const own: StoreUrl = { kind: 'file', name: path, path };
  const here =
    (
      await createStore(own)
        .identity()
        .catch(() => undefined)
    )?.id === log;
  const told = here ? await known(own) : [];
  return [...listed, ...told, ...(replaced === undefined ? [] : await known(replaced))];
};

const momentOf = ({ flag, value }: FlagValue, timezone: string): Moment => {
  if (/^\d{1,15}$/.test(value)) return { position: Number(value) };
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? new PlainTime(timezone).parse(value) : undefined;
  if (time === undefined) throw new UsageError({ code: 'not_a_moment', flag, value });
  return { time: Date.parse(time) };
};

/** Another past of the log; one that an earlier run began to restore into this store is gone on with. */
export const rewoundFor = async (to: StoreUrl, log: LogIdentity): Promise<LogIdentity> => {
  const begun = await createStore(to).identity();
  return begun?.id === log.id && begun.rewinds > log.rewinds ? begun : rewound(log);
};

const readable = (summary: Awaited<ReturnType<typeof summaryOf>>, { text }: CommandContext): string =>
  [
    text.restored.would(summary),
    ...(summary.newest.length > 0 ? [text.restored.newest] : []),
    ...summary.newest.map((conversation) => `  ${text.restored.conversation(conversation)}`),
  ].join('\n');
