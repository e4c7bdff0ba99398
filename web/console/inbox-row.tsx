import type { JSX } from 'preact';
import { gistOf, unreadOf } from '../shared/conversations.ts';
import { ReplyIcon } from '../shared/icons.tsx';
import type { Desk } from './desk.ts';
import { LabelDots } from './label-dots.tsx';
import { agentName, eventText, visitorName } from './names.ts';
import { conversationInHash, hrefOf } from './route.ts';
import type { Conversation } from './types.ts';
import { common, times, words } from './words.ts';

/** In CSS pixels, as in inbox.css: all rows are alike, so that the list knows where each stands. */
export const ROW_HEIGHT = 58;

export const InboxRow = ({
  desk,
  conversation,
  at,
}: {
  desk: Desk;
  conversation: Conversation;
  at: number;
}): JSX.Element => {
  const { id, agentId, updatedAt } = conversation;
  const isColleagues = agentId !== null && agentId !== desk.me.id;
  // What somebody else has taken on is theirs to read.
  const unread = isColleagues ? 0 : unreadOf(conversation, desk.me);
  const isMentioned = desk.inbox.mentions.value.get(id)?.seen === false;
  return (
    <a
      class={unread > 0 ? 'row unread' : 'row'}
      href={hrefOf(id)}
      data-id={id}
      data-at={at}
      aria-current={conversationInHash.value === id ? 'page' : undefined}
    >
      <span class="row-name">
        <bdi>{visitorName(conversation)}</bdi>
        <LabelDots desk={desk} labels={conversation.labels ?? []} />
      </span>
      <time class="row-time time" dateTime={updatedAt} title={times.value.full(updatedAt)}>
        {times.value.brief(updatedAt)}
      </time>
      <span class="row-text">
        {desk.drafts.has(id) && <span class="row-draft">{words.value.draft} </span>}
        <Preview desk={desk} conversation={conversation} />
      </span>
      <span class="row-end">
        {isMentioned && (
          <span class="row-mention" title={words.value.mentioned}>
            @<span class="hidden"> {words.value.mentioned}</span>
          </span>
        )}
        {isColleagues && <bdi class="row-agent">{agentName(desk, agentId)}</bdi>}
        {unread > 0 && (
          <span class="row-count count">
            <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
            <span class="hidden">{common.value.unread(unread)}</span>
          </span>
        )}
      </span>
    </a>
  );
};

/** What was said last, and by an arrow whether it was this side that said it. */
const Preview = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { lastMessage, subject } = conversation;
  if (!lastMessage) return <bdi>{subject ?? words.value.noMessage}</bdi>;
  const text = lastMessage.redacted ? common.value.redacted : gistOf(lastMessage);
  if (lastMessage.kind === 'event') return <>{eventText(desk, lastMessage)}</>;
  const said = <bdi>{text}</bdi>;
  if (lastMessage.kind === 'note') {
    return (
      <>
        {words.value.note} · {said}
      </>
    );
  }
  if (lastMessage.senderType === 'USER') return said;
  return (
    <>
      <ReplyIcon />
      <span class="hidden">
        <bdi>{agentName(desk, lastMessage.senderId)}</bdi>:{' '}
      </span>
      {said}
    </>
  );
};
