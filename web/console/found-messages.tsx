import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Desk } from './desk.ts';
import { excerpt } from './highlight.ts';
import { senderName, visitorName } from './names.ts';
import { filters, hrefOf } from './route.ts';
import type { Message } from './types.ts';
import { common, times, words } from './words.ts';

const PAGE = 20;

interface Found {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly messages: readonly Message[];
  readonly nextCursor: string | null;
}

const NOTHING: Found = { state: 'loading', messages: [], nextCursor: null };

/** Messages and notes that hold what is looked for; each opens its conversation at its place. */
export const FoundMessages = ({ desk }: { desk: Desk }): JSX.Element | null => {
  const { q } = filters.value;
  const found = useSignal<Found>(NOTHING);
  const look = async (cursor?: string): Promise<void> => {
    const before = cursor === undefined ? [] : found.peek().messages;
    found.value = { ...found.peek(), state: 'loading', messages: before };
    try {
      const page = await desk.inbox.ask(() => desk.api.search({ q, limit: PAGE, cursor }));
      if (filters.peek().q !== q) return;
      found.value = { state: 'ready', messages: [...before, ...page.messages], nextCursor: page.nextCursor };
    } catch {
      if (filters.peek().q === q) found.value = { state: 'failed', messages: before, nextCursor: null };
    }
  };
  useEffect(() => {
    if (q !== '') void look();
  }, [q]);
  if (q === '') return null;
  const { foundTitle, foundNone, foundMore, loadFailed } = words.value;
  const { state, messages, nextCursor } = found.value;
  // That no message holds the words is worth a line only where nothing else was found.
  if (state === 'ready' && messages.length === 0 && desk.inbox.rows.value.length > 0) return null;
  return (
    <section class="found" aria-label={foundTitle} aria-busy={state === 'loading'}>
      <h3>{foundTitle}</h3>
      <ol>
        {messages.map((message) => (
          <li key={message.id}>
            <Hit desk={desk} message={message} q={q} />
          </li>
        ))}
      </ol>
      <p class="found-end" role="status">
        {state === 'ready' && messages.length === 0 && foundNone}
        {state === 'loading' && <span class="late">{common.value.loading}</span>}
        {state === 'failed' && loadFailed}
      </p>
      {nextCursor !== null && state === 'ready' && (
        <button type="button" class="link" onClick={() => void look(nextCursor)}>
          {foundMore}
        </button>
      )}
    </section>
  );
};

const Hit = ({ desk, message, q }: { desk: Desk; message: Message; q: string }): JSX.Element => {
  const conversation = desk.inbox.get(message.conversationId);
  return (
    <a class="hit" href={hrefOf(message.conversationId, message.seq)}>
      <span class="hit-head">
        <strong>
          <bdi>{visitorName(conversation)}</bdi>
        </strong>
        <time class="time" dateTime={message.createdAt} title={times.value.full(message.createdAt)}>
          {times.value.brief(message.createdAt)}
        </time>
      </span>
      <span class="hit-text">
        {message.senderType !== 'USER' && (
          <>
            <bdi>{senderName(desk, conversation, message.senderId, message.senderType)}</bdi>:{' '}
          </>
        )}
        {excerpt(message.content, q).map(({ text, hit }) => (hit ? <mark>{text}</mark> : text))}
      </span>
    </a>
  );
};
