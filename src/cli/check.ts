import { type FlagTable, readFlags } from '../config/flags.ts';
import type { StoreUrl } from '../config/store-url.ts';
import type { CheckReport } from '../domain/check-report.ts';
import { verifyReads } from '../domain/verify-reads.ts';
import { verifyStore } from '../stores/open-store.ts';
import { type Command, type CommandContext, EXIT } from './command.ts';
import type { Messages } from './messages/messages.ts';
import { keptStore, withSource } from './open-chat.ts';

const FLAGS = {
  store: { placeholder: 'URL' },
  json: {},
} as const satisfies FlagTable;

const readable = (name: string, { ok, counts, findings }: CheckReport, text: Messages): string => {
  const lines = findings.map(({ severity, file, offset, message }) => {
    const place = offset === undefined ? file : `${file}, ${text.checked.byte} ${offset}`;
    return `${text.checked[severity]}: ${message.includes(file) && offset === undefined ? '' : `${place}: `}${message}`;
  });
  return [name, text.checked.counts(counts), ...lines, ok ? text.checked.sound : text.checked.wrong].join('\n');
};

/** Everything that can be said of a store by reading it; changes nothing, takes no lock. */
export const verifyWhole = async (store: StoreUrl, context: CommandContext): Promise<CheckReport> => {
  const own = await verifyStore(store);
  if (store.kind === 'file' || !own.ok) return own;
  // What a database says of itself is not all: what its reads answer is looked through as well.
  const read = await withSource(store, context, (source) => verifyReads(source, store.name));
  return { ...read, findings: [...own.findings, ...read.findings] };
};

/** `guichet check`: reads everything, changes nothing, takes no lock; exit 1 when something is wrong. */
export const check: Command = {
  flags: FLAGS,
  required: ['store'],
  async run(args, context) {
    const { env, text, stdout } = context;
    const given = readFlags(FLAGS, args, env);
    const store = keptStore(given.store, '--store');
    const report = await verifyWhole(store, context);
    const shown = given.json
      ? JSON.stringify({ store: store.name, ...report }, null, 2)
      : readable(store.name, report, text);
    stdout.write(`${shown}\n`);
    return report.ok ? EXIT.done : EXIT.failed;
  },
};
