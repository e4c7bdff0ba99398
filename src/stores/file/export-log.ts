import { join } from 'node:path';
import { conversationsOf, entriesOf, messagesOf } from '../../domain/digest.ts';
import type { ConversationHead } from '../../domain/model/conversation.ts';
import { DIRECTORY_KINDS } from '../../domain/model/directory.ts';
import { isServerOnly } from '../../domain/model/record.ts';
import type { Reads } from '../../domain/store.ts';
import { StoreProblem } from '../../domain/store-problem.ts';
import { TimeSlice } from '../../lib/time-slice.ts';
import type { Disk } from './disk.ts';
import { ensureDirectory } from './disk-files.ts';
import { SnapshotFile } from './snapshot-file.ts';

/** Kinds of entries that leave the house: what only the server may see does not. */
const EXPORTED = DIRECTORY_KINDS.filter((kind) => !isServerOnly(kind));

/**
 * Writes `conversations.json`, `messages.json` and `directory.json` into an empty directory: an object by conversation
 * id, an object of arrays by conversation id in order of seq, an object of kinds, one entity a line. Secrets are not
 * among them. A file has its name only when it is whole and synced.
 * @throws StoreProblem `not_empty`
 */
export const exportLog = async (
  source: Reads,
  disk: Disk,
  directory: string,
): Promise<{ conversations: number; messages: number }> => {
  await ensureDirectory(disk, directory);
  if ((await disk.list(directory)).length > 0) throw new StoreProblem({ code: 'not_empty', dir: directory });
  const slice = new TimeSlice();
  const heads: ConversationHead[] = [];
  for await (const head of conversationsOf(source)) heads.push(head);
  // In the order they were begun, as nearly as positions of last changes tell.
  heads.sort((a, b) => (a.conversation.createdAt < b.conversation.createdAt ? -1 : 1));

  await writeObject(disk, directory, 'conversations.json', async (member) => {
    for (const head of heads) await member(head.conversation.id, JSON.stringify(plainConversation(head)));
  });
  let messages = 0;
  await writeObject(disk, directory, 'messages.json', async (member) => {
    for (const { conversation } of heads) {
      const lines: string[] = [];
      for await (const { json } of messagesOf(source, conversation.id)) lines.push(json);
      messages += lines.length;
      if (lines.length > 0) await member(conversation.id, `[\n${lines.join(',\n')}\n]`);
      await slice.pause();
    }
  });
  await writeObject(disk, directory, 'directory.json', async (member) => {
    for (const kind of EXPORTED) {
      const lines: string[] = [];
      for await (const entry of entriesOf(source, kind)) {
        lines.push(`${JSON.stringify(entry.id)}:${JSON.stringify(entry)}`);
        await slice.pause();
      }
      await member(kind, `{\n${lines.join(',\n')}\n}`);
    }
  });
  await disk.syncDirectory(directory);
  return { conversations: heads.length, messages };
};

/** A conversation without what only our own numbering needs. */
const plainConversation = ({ conversation, lastSeq, updatedAt }: ConversationHead): object => {
  const { changedAt: _, publicAt: __, publicPosition: ___, ...plain } = conversation;
  return { ...plain, updatedAt, lastSeq };
};

const writeObject = async (
  disk: Disk,
  directory: string,
  name: string,
  fill: (member: (key: string, json: string) => Promise<void>) => Promise<void>,
): Promise<void> => {
  const path = join(directory, name);
  const file = await SnapshotFile.create(disk, `${path}.tmp`);
  try {
    await file.text('{');
    let separator = '\n';
    await fill(async (key, json) => {
      await file.text(`${separator}${JSON.stringify(key)}:${json}`);
      separator = ',\n';
    });
    await file.text('\n}\n');
    await file.finish();
  } finally {
    await file.close();
  }
  await disk.rename(`${path}.tmp`, path);
};
