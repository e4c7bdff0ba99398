import { TimeSlice } from '../lib/time-slice.ts';
import { headOf } from './copy-log.ts';
import { conversationsOf, entriesOf, messagesOf, type WholeReads } from './digest.ts';
import { DIRECTORY_KINDS } from './model/directory.ts';
import { isPublic } from './model/message.ts';

/** What was found wrong with a store that can only be asked. `file` is its name. */
export interface ReadFinding {
  readonly severity: 'error';
  readonly file: string;
  readonly message: string;
}

/**
 * Reads everything that a store answers and compares it with what a log must be: numbers without gaps, each id once,
 * nothing behind the head. How its bytes are kept is the business of the database.
 * @param name of the store, for findings
 */
export const verifyReads = async (reads: WholeReads, name: string) => {
  const slice = new TimeSlice();
  const findings: ReadFinding[] = [];
  const wrong = (message: string): void => void findings.push({ severity: 'error', file: name, message });
  const { position } = await headOf(reads);
  const ids = new Set<string>();
  let conversations = 0;
  for await (const head of conversationsOf(reads)) {
    conversations += 1;
    const { id } = head.conversation;
    const of = `Conversation ${JSON.stringify(id)}`;
    let [seq, publicSeq] = [0, 0];
    for await (const record of messagesOf(reads, id)) {
      const message = record.value;
      seq += 1;
      if (isPublic(message)) publicSeq += 1;
      if (message.seq !== seq || message.publicSeq !== publicSeq) {
        wrong(`${of} has ${message.seq}/${message.publicSeq} where ${seq}/${publicSeq} belongs.`);
        [seq, publicSeq] = [message.seq, message.publicSeq];
      }
      if (ids.has(message.id)) wrong(`${of} holds the id ${JSON.stringify(message.id)} a second time.`);
      ids.add(message.id);
      if (message.conversationId !== id) wrong(`${of} holds a message of another one, ${JSON.stringify(message.id)}.`);
      if (record.position > position) wrong(`${of} holds record ${record.position}, behind the end at ${position}.`);
      await slice.pause();
    }
    if (head.lastSeq !== seq || head.lastPublicSeq !== publicSeq) {
      wrong(`${of} counts ${head.lastSeq} messages and holds ${seq}.`);
    }
  }
  let entries = 0;
  for (const kind of DIRECTORY_KINDS) for await (const _ of entriesOf(reads, kind)) entries += 1;
  const counts = { position, conversations, messages: ids.size, entries, snapshots: 0, segments: 0 };
  return { ok: findings.length === 0, findings, counts };
};
