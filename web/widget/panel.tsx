import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Composer } from '../shared/composer.tsx';
import { byActivity, gistOf, unreadOf } from '../shared/conversations.ts';
import type { common } from '../shared/i18n/en/common.ts';
import type { widget } from '../shared/i18n/en/widget.ts';
import type { Language } from '../shared/i18n/language.ts';
import { CloseIcon, ListIcon } from '../shared/icons.tsx';
import { ThreadView } from '../shared/thread-view.tsx';
import type { Times } from '../shared/times.ts';
import { ClosedLine } from './closed-line.tsx';
import { VISITOR } from './conversation-list.ts';
import type { Desk } from './desk.ts';
import { Introduction } from './introduction.tsx';
import { useDialog } from './use-dialog.ts';

export interface PanelProps {
  desk: Desk;
  words: typeof widget & typeof common;
  times: Times;
  language: Language;
  onClose: () => void;
}

/** The open counter: who is there, the conversation, where to write. */
export const Panel = ({ desk, words, times, language, onClose }: PanelProps): JSX.Element => {
  const [listed, list] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useDialog(panel, onClose);
  const { info, thread } = desk;
  const team = info?.teamName ?? words.agent;
  const others = [...desk.conversations.values()].filter(({ id }) => id !== thread?.id);
  const waiting = others.some((conversation) => unreadOf(conversation, VISITOR) > 0);
  useEffect(() => desk.refresh(), []);

  const texts = info?.texts[language];
  const intro = useRef<HTMLFormElement>(null);
  const conversation = thread && desk.conversations.get(thread.id);
  const agent = conversation?.agentId === conversation?.agent?.id ? conversation?.agent : undefined;
  const back = info && !info.open && info.opensAt ? words.opensAt(times.soon(info.opensAt)) : undefined;
  // Who is there is not known any more once the server cannot be reached.
  const known = desk.client.connection.state === 'offline' ? undefined : info;
  const here = known?.open && known.online;

  const greeting = (
    <div class="greeting">
      <p class="greeting-text">{texts?.greeting || info?.greeting || words.defaultGreeting}</p>
      {known && <p class="greeting-hint">{here ? words.online : texts?.away || words.away}</p>}
      {back && <p class="greeting-hint">{back}</p>}
    </div>
  );

  return (
    <div class={thread || listed ? 'panel' : 'panel short'} role="dialog" aria-label={team} ref={panel} tabIndex={-1}>
      <div class="head">
        <div class="head-title">
          <h2>
            <bdi>{team}</bdi>
            {agent && (
              <small>
                <bdi>{agent.name}</bdi>
              </small>
            )}
          </h2>
          {known && (
            <span
              class={here ? 'presence on' : 'presence'}
              role="img"
              aria-label={here ? words.online : words.nobodyHere}
              title={here ? words.online : words.nobodyHere}
            />
          )}
        </div>
        {desk.conversations.size > 1 && (
          <button
            type="button"
            class="icon-button"
            aria-label={words.conversations}
            title={words.conversations}
            aria-pressed={listed}
            onClick={() => list(!listed)}
          >
            <ListIcon />
            {waiting && <span class="dot" />}
          </button>
        )}
        <button type="button" class="icon-button" aria-label={words.hide} title={words.hide} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      <ConnectionLine desk={desk} words={words} />
      <StuckLine desk={desk} words={words} />
      {listed ? (
        <ConversationList desk={desk} words={words} times={times} onPick={() => list(false)} />
      ) : (
        <>
          {thread ? (
            <ThreadView
              key={thread.id}
              client={desk.client}
              thread={thread}
              words={words}
              times={times}
              label={team}
              loadFailed={words.loadFailed}
              nameOf={(id, type) => (type === 'USER' ? words.you : id === agent?.id ? agent.name : team)}
            >
              {greeting}
            </ThreadView>
          ) : (
            <div class="thread welcome">
              {greeting}
              {!desk.known && info && (
                <Introduction desk={desk} asked={info.preChat} lead={texts?.preChat} words={words} form={intro} />
              )}
            </div>
          )}
          {thread && back && <p class="closed-line">{back}</p>}
          {conversation?.status === 'CLOSED' && <ClosedLine desk={desk} conversation={conversation} words={words} />}
          <Composer
            words={words}
            placeholder={words.placeholder}
            draft={desk.draft}
            onDraft={(text) => desk.write(text)}
            maySend={() => intro.current?.reportValidity() ?? true}
            place={thread?.id}
            files={info?.attachments}
            onSend={(text, files) => desk.send(text, files)}
            onTyping={(typing) => thread && desk.client.typing(thread.id, typing)}
            focusKey={matchMedia('(pointer: fine)').matches ? (thread?.id ?? '') : undefined}
            hint={desk.client.outbox.persistent ? undefined : words.notPersistent}
          />
        </>
      )}
    </div>
  );
};

type Part = Pick<PanelProps, 'desk' | 'words'>;

const ConnectionLine = ({ desk, words }: Part): JSX.Element => {
  const state = desk.client.connection.state;
  // Nothing is being waited for before the first message, so nothing is said.
  const says = desk.client.token === undefined || state === 'live' ? '' : words[state];
  return (
    <p class={`connection ${state}`} role="status">
      {says}
    </p>
  );
};

const StuckLine = ({ desk, words }: Part): JSX.Element | null => {
  const { stuck } = desk;
  if (stuck === undefined) return null;
  return (
    <p class="closed-line" role="status">
      {words.stuck}{' '}
      <button type="button" class="link" onClick={() => desk.select(stuck)}>
        {words.showStuck}
      </button>
    </p>
  );
};

const ConversationList = ({ desk, words, times, onPick }: Part & { times: Times; onPick: () => void }): JSX.Element => {
  const pick = (id: string | undefined): void => {
    desk.select(id);
    onPick();
  };
  return (
    <nav class="past" aria-label={words.conversations}>
      <ul>
        {[...desk.conversations.values()].sort(byActivity).map((conversation) => (
          <li key={conversation.id}>
            <button type="button" class="past-item" onClick={() => pick(conversation.id)}>
              <bdi class="past-text">{gistOf(conversation.lastMessage) || conversation.subject || '…'}</bdi>
              <time class="time" dateTime={conversation.updatedAt}>
                {times.brief(conversation.updatedAt)}
              </time>
              {unreadOf(conversation, VISITOR) > 0 && (
                <span class="dot">
                  <span class="hidden">{words.unread(unreadOf(conversation, VISITOR))}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={() => pick(undefined)}>
        {words.newConversation}
      </button>
    </nav>
  );
};
