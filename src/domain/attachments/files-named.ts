import { conversationsOf, messagesOf, type WholeReads } from '../digest.ts';

/** Ids of all files that messages of a log name, as these are now. */
export const filesNamedIn = async (reads: WholeReads): Promise<ReadonlySet<string>> => {
  const named = new Set<string>();
  for await (const { conversation } of conversationsOf(reads)) {
    for await (const { value } of messagesOf(reads, conversation.id)) {
      for (const { id } of value.attachments ?? []) named.add(id);
    }
  }
  return named;
};
