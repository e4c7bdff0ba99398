import { SERVE_FLAGS } from '../config/config.ts';
import { type FlagTable, readFlags } from '../config/flags.ts';
import { backUp } from '../stores/back-up.ts';
import { type Command, EXIT } from './command.ts';
import { blobsOf, loggerOf, storeAndPlace, withSource } from './open-chat.ts';

const FLAGS = {
  // From the environment too: a URL may hold a password, and a command line is readable by every user of the machine.
  store: { env: SERVE_FLAGS.store.env, placeholder: 'URL' },
  to: { placeholder: 'DIR' },
  blobs: SERVE_FLAGS.blobs,
  json: {},
} as const satisfies FlagTable;

/** `guichet backup`: also what the server runs every day, in a process of its own. */
export const backup: Command = {
  flags: FLAGS,
  required: ['store', 'to'],
  async run(args, context) {
    const given = readFlags(FLAGS, args, context.env);
    const { store, dir } = storeAndPlace(given);
    const manifest = await withSource(store, context, (source) =>
      backUp(source, dir, blobsOf(store, given.blobs), loggerOf(context)),
    );
    const { position, takenAt, counts } = manifest;
    const said = given.json ? JSON.stringify({ dir, position, takenAt, counts }) : context.text.backedUp(dir, manifest);
    context.stdout.write(`${said}\n`);
    return EXIT.done;
  },
};
