import { type FlagTable, readFlags } from '../config/flags.ts';
import { exportLog } from '../stores/file/export-log.ts';
import { NodeDisk } from '../stores/file/node-disk.ts';
import { type Command, EXIT } from './command.ts';
import { storeAndPlace, withSource } from './open-chat.ts';

const FLAGS = {
  store: { placeholder: 'URL' },
  to: { placeholder: 'DIR' },
} as const satisfies FlagTable;

/** `guichet export`: plain files for other programs, and for `guichet import`. */
export const exportFiles: Command = {
  flags: FLAGS,
  required: ['store', 'to'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const { store, dir } = storeAndPlace(given);
    const { conversations, messages } = await withSource(store, context, (source) =>
      exportLog(source, new NodeDisk(), dir),
    );
    context.stdout.write(`${context.text.exported(conversations, messages, dir)}\n`);
    return EXIT.done;
  },
};
