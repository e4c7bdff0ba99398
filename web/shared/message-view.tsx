import type { JSX } from 'preact';
import { forAgents } from '../../src/client/for-agents.ts';
import type { GuichetClient, ThreadItem } from '../../src/client/index.ts';
import { FileList } from './file-list.tsx';
import type { common } from './i18n/en/common.ts';
import { RemoveIcon } from './icons.tsx';
import { findLinks } from './links.ts';
import { Stamp } from './stamp.tsx';
import type { Times } from './times.ts';

export interface MessageViewProps {
  client: GuichetClient;
  conversationId: string;
  item: ThreadItem;
  /** Who wrote it, as the reader knows them. */
  name: string;
  /** Whether it opens a run of messages of one person. */
  first: boolean;
  /** Whether the name is shown; it is always there for screen readers. */
  named: boolean;
  /** Whether it is the one that was looked for. */
  targeted?: boolean;
  words: typeof common;
  times: Times;
  onRetry: (id: string) => void;
  onDiscard: (id: string) => void;
  /** Agents only. */
  onRedact?: ((item: ThreadItem) => void) | undefined;
  redactLabel?: string | undefined;
}

/** A message: text and nothing but text, with its time and, when it is one's own, its stamp. */
export const MessageView = (props: MessageViewProps): JSX.Element => {
  const { item, name, first, named, words, times, onRedact } = props;
  const { own, kind, state, message } = item;
  const byAgent = forAgents
    ? message
      ? message.senderType !== 'USER'
      : kind === 'note' || props.onRedact !== undefined
    : !own;
  const classes = ['message'];
  if (own) classes.push('own');
  if (byAgent) classes.push('agent');
  if (forAgents && kind === 'note') classes.push('note');
  if (first) classes.push('first');
  if (state === 'failed') classes.push('failed');
  if (forAgents && props.targeted) classes.push('targeted');
  return (
    <li class={classes.join(' ')} data-id={item.id}>
      <bdi class={named ? 'byline' : 'hidden'}>{name}</bdi>
      <div class="bubble">
        {message?.redacted ? (
          <span class="text redacted">{words.redacted}</span>
        ) : (
          <>
            {item.files.length > 0 && <FileList {...props} />}
            {item.content !== '' && (
              <span class="text" dir="auto">
                <Linked text={item.content} />
              </span>
            )}
          </>
        )}
        <span class="meta">
          <time class="time" dateTime={item.createdAt} title={times.full(item.createdAt)}>
            {times.clock(item.createdAt)}
          </time>
          {state && <Stamp state={state} words={words} />}
        </span>
        {forAgents && onRedact && message && !message.redacted && (
          <button
            type="button"
            class="redact"
            title={props.redactLabel}
            aria-label={props.redactLabel}
            onClick={() => onRedact(item)}
          >
            <RemoveIcon />
          </button>
        )}
      </div>
      {state === 'failed' && <Failure {...props} />}
    </li>
  );
};

const Failure = ({ item, words, onRetry, onDiscard }: MessageViewProps): JSX.Element => {
  const reasons: Record<string, string> = words.failures;
  const code = item.entry?.error === 'too_large' && item.files.length > 0 ? 'file_too_large' : item.entry?.error;
  return (
    <p class="failure" role="alert">
      <span>{reasons[code ?? ''] ?? words.failures.other}</span>
      <button type="button" class="link" onClick={() => onRetry(item.id)}>
        {words.retry}
      </button>
      <button type="button" class="link" onClick={() => onDiscard(item.id)}>
        {words.discard}
      </button>
    </p>
  );
};

const Linked = ({ text }: { text: string }): JSX.Element => (
  <>
    {findLinks(text).map(({ text: piece, href }) =>
      href === undefined ? (
        piece
      ) : (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow">
          {piece}
        </a>
      ),
    )}
  </>
);
