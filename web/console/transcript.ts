import type { Desk } from './desk.ts';
import { eventText, senderName, visitorName } from './names.ts';
import type { Conversation, Message } from './types.ts';
import { common, times, words } from './words.ts';

/** The largest page the server gives. */
const PAGE = 500;

/** Every message of a conversation, notes and events among them: what the agent may see. */
const allMessages = async (desk: Desk, id: string): Promise<Message[]> => {
  const messages: Message[] = [];
  for (;;) {
    const page = await desk.client.api.messages(id, { after: messages.at(-1)?.seq ?? 0, limit: PAGE });
    messages.push(...page.messages);
    if (!page.hasMore || page.messages.length === 0) return messages;
  }
};

const lineOf = (desk: Desk, conversation: Conversation, message: Message): string => {
  const at = times.value.full(message.createdAt);
  if (message.kind === 'event') return `[${at}] ${eventText(desk, message)}`;
  const name = senderName(desk, conversation, message.senderId, message.senderType);
  const note = message.kind === 'note' ? ` (${words.value.note})` : '';
  return `[${at}] ${name}${note}: ${message.redacted ? common.value.redacted : message.content}`;
};

const asText = async (desk: Desk, conversation: Conversation): Promise<string> => {
  const messages = await allMessages(desk, conversation.id);
  const lines = messages.map((message) => lineOf(desk, conversation, message));
  return [visitorName(conversation), conversation.subject ?? '', '', ...lines, ''].join('\n');
};

export const copyTranscript = async (desk: Desk, conversation: Conversation): Promise<void> => {
  await navigator.clipboard.writeText(await asText(desk, conversation));
};

export const saveTranscript = async (desk: Desk, conversation: Conversation, kind: 'txt' | 'json'): Promise<void> => {
  const content =
    kind === 'txt'
      ? await asText(desk, conversation)
      : JSON.stringify({ conversation, messages: await allMessages(desk, conversation.id) }, null, 2);
  const url = URL.createObjectURL(new Blob([content], { type: kind === 'txt' ? 'text/plain' : 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${conversation.id}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
};
