import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { forAgents } from '../../src/client/for-agents.ts';
import { type GuichetClient, listen, type Thread, type ThreadItem } from '../../src/client/index.ts';
import type { Message } from '../../src/protocol/entities.ts';
import type { common } from './i18n/en/common.ts';
import { DownIcon } from './icons.tsx';
import { isolated } from './isolated.ts';
import { MessageView, type MessageViewProps } from './message-view.tsx';
import { sameDay, type Times } from './times.ts';
import { useScroll } from './use-scroll.ts';
import { useThread } from './use-thread.ts';

export interface ThreadViewProps {
  client: GuichetClient;
  thread: Thread;
  words: typeof common;
  times: Times;
  label: string;
  loadFailed: string;
  nameOf: (senderId: string, senderType: Message['senderType']) => string;
  /** Whose messages carry a name: those whom side and colour alone do not tell. */
  isNamed?: (message: Message) => boolean;
  /** The sentence for an event; none where events are not shown. */
  eventText?: (message: Message) => string;
  onRedact?: (item: ThreadItem) => void;
  redactLabel?: string;
  /** Makes the element of a message; the default makes a new one every time. */
  draw?: (props: MessageViewProps) => JSX.Element;
  /** Seq of a message that is to be looked at. */
  target?: number | undefined;
  /** The reader has had everything up to this seq before their eyes. */
  onSeen?: (seq: number) => void;
  /** Stands above the first message: a greeting. */
  children?: ComponentChildren;
}

export const drawMessage = (props: MessageViewProps): JSX.Element => <MessageView key={props.item.id} {...props} />;

/** A run of messages of one person ends after this long a silence. */
const RUN_MS = 5 * 60_000;

/** The messages of a conversation: loads earlier ones on the way up, stays at the end, says what has been read. */
export const ThreadView = (props: ThreadViewProps): JSX.Element => {
  const { client, thread, words, times } = props;
  useThread(thread);
  const { items } = thread;
  const { scroller, from, to, atEnd, toEnd } = useScroll(thread, items, props.target);
  useReadMarks(client, thread, atEnd, props.onSeen);
  const retry = useCallback((id: string): void => void client.outbox.retry(id), [client]);
  const discard = useCallback((id: string): void => void client.outbox.discard(id), [client]);
  const draw = props.draw ?? drawMessage;
  const myId = client.me?.id;

  return (
    <div class="thread">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroller" ref={scroller} tabIndex={0} aria-label={props.label} aria-busy={!thread.ready}>
        <ol class="messages">
          {props.children && !thread.hasOlder && from === 0 && <li class="opening">{props.children}</li>}
          {/* One list: rows of lists in a list would be known by their place, and all drawn anew with every step. */}
          {items.slice(from, to).flatMap((item, index) => {
            const before = items[from + index - 1];
            const name = props.nameOf(item.message?.senderId ?? myId ?? '', item.message?.senderType ?? 'USER');
            const newDay = !before || !sameDay(before.createdAt, item.createdAt);
            return [
              newDay && (
                <li class="day" key={`day ${item.id}`}>
                  <time dateTime={item.createdAt}>{times.day(item.createdAt)}</time>
                </li>
              ),
              forAgents && item.kind === 'event'
                ? props.eventText &&
                  item.message && (
                    <li class="event" key={item.id} data-id={item.id} title={times.full(item.createdAt)}>
                      {props.eventText(item.message)}
                    </li>
                  )
                : draw({
                    client,
                    conversationId: thread.id,
                    item,
                    name: item.message ? name : props.nameOf(myId ?? '', client.side === 'visitor' ? 'USER' : 'AGENT'),
                    first: newDay || !sameRun(before, item),
                    named:
                      (newDay || !sameRun(before, item)) &&
                      item.message !== undefined &&
                      props.isNamed?.(item.message) === true,
                    targeted: props.target !== undefined && item.message?.seq === props.target,
                    words,
                    times,
                    onRetry: retry,
                    onDiscard: discard,
                    onRedact: props.onRedact,
                    redactLabel: props.redactLabel,
                  }),
            ];
          })}
          {!thread.ready && !thread.error && items.length === 0 && <li class="event">{words.loading}</li>}
          {thread.error && (
            <li class="event" role="alert">
              {props.loadFailed}{' '}
              <button type="button" class="link" onClick={() => void thread.load()}>
                {words.retry}
              </button>
            </li>
          )}
        </ol>
        <TypingLine {...props} />
      </section>
      {thread.loadingOlder && <p class="loading-older">{words.loadingOlder}</p>}
      {!atEnd && (
        <button type="button" class="to-end" onClick={toEnd} aria-label={words.newMessages} title={words.newMessages}>
          <DownIcon />
        </button>
      )}
      <Announcer {...props} items={items} />
    </div>
  );
};

const senderOf = (item: ThreadItem): string => (item.own ? 'own' : (item.message?.senderId ?? ''));

const sameRun = (before: ThreadItem | undefined, item: ThreadItem): boolean =>
  before !== undefined &&
  before.kind === item.kind &&
  senderOf(before) === senderOf(item) &&
  (before.message?.senderId === item.message?.senderId || !before.message || !item.message) &&
  Date.parse(item.createdAt) - Date.parse(before.createdAt) < RUN_MS;

const TypingLine = ({ thread, words, nameOf }: ThreadViewProps): JSX.Element => {
  const [typist] = thread.typists;
  return (
    <p class="typing">
      {typist && (
        <>
          <i aria-hidden="true">
            <b />
          </i>
          {words.typing(isolated(nameOf(typist.senderId, typist.side === 'agent' ? 'AGENT' : 'USER')))}
        </>
      )}
    </p>
  );
};

/** What there is to be read out of a message: its text and the names of its files. */
const spokenOf = ({ content, attachments = [] }: Message): string =>
  [content, ...attachments.map(({ name }) => name)].filter((part) => part !== '').join(', ');

/** Reads out what the other side writes while the thread is open; pages that are loaded are not news. */
const Announcer = ({ thread, items, nameOf }: ThreadViewProps & { items: readonly ThreadItem[] }): JSX.Element => {
  const seen = useRef<number>(undefined);
  const [said, say] = useState('');
  const last = items.findLast(({ own, message }) => !own && message)?.message;
  useEffect(() => {
    if (!thread.ready) return;
    if (last && seen.current !== undefined && last.seq > seen.current && last.kind !== 'event') {
      say(`${nameOf(last.senderId, last.senderType)}: ${spokenOf(last)}`);
    }
    seen.current = Math.max(seen.current ?? 0, last?.seq ?? 0);
  }, [thread.ready, last?.seq]);
  return (
    <p class="hidden" aria-live="polite">
      {said}
    </p>
  );
};

/** What stands at the end of a thread that is looked at has been read; a hidden page reads nothing. */
const useReadMarks = (client: GuichetClient, thread: Thread, atEnd: boolean, onSeen?: (seq: number) => void): void => {
  const { lastSeq, ready, past } = thread;
  useEffect(() => {
    const mark = (): void => {
      if (ready && atEnd && lastSeq > 0 && document.visibilityState === 'visible' && document.hasFocus()) {
        client.read(thread.id, lastSeq);
        onSeen?.(lastSeq);
      }
    };
    mark();
    const ends = [listen(window, 'focus', mark), listen(document, 'visibilitychange', mark)];
    return () => {
      for (const end of ends) end();
    };
  }, [client, thread, ready, atEnd, lastSeq, past]);
};
