import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { OutboxFile, Thread } from '../../src/client/index.ts';
import { Composer } from '../shared/composer.tsx';
import type { Desk } from './desk.ts';
import { filled, type Suggestion, suggestionsFor } from './suggestions.ts';
import { common, words } from './words.ts';

interface ReplyBoxProps {
  desk: Desk;
  thread: Thread;
  /** Seq of the last message that the agent has had before their eyes. */
  seen: () => number;
}

/** Where replies and notes are written, with canned replies behind a slash and colleagues behind an at sign. */
export const ReplyBox = ({ desk, thread, seen }: ReplyBoxProps): JSX.Element => {
  const kind = useSignal<'message' | 'note'>('message');
  const caret = useSignal(0);
  const chosen = useSignal(0);
  /** The text for which no suggestions are wanted any more. */
  const dismissed = useSignal<string | undefined>(undefined);
  const note = kind.value === 'note';
  const { reply, note: noteLabel, replyPlaceholder, notePlaceholder, sendKey, noteKey, suggested } = words.value;
  const key = `${thread.id} ${kind.value}`;
  const draft = desk.drafts.get(key);
  const suggestions = dismissed.value === draft ? [] : suggestionsFor(desk, kind.value, draft, caret.value);
  const at = Math.min(chosen.value, suggestions.length - 1);

  const write = (text: string): void => {
    desk.drafts.set(key, text);
    chosen.value = 0;
  };
  const take = (suggestion: Suggestion): void => {
    const text = filled(desk, thread.id, suggestion);
    const next = `${draft.slice(0, suggestion.from)}${text}${draft.slice(caret.peek())}`;
    write(next);
    caret.value = suggestion.from + text.length;
    dismissed.value = next;
  };
  const onKey = (event: KeyboardEvent): boolean => {
    if (suggestions.length === 0 || event.isComposing) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) chosen.value = (at + step + suggestions.length) % suggestions.length;
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') take(suggestions[at]!);
    else if (event.key === 'Escape') dismissed.value = draft;
    else return false;
    return true;
  };
  const send = (text: string, files: readonly OutboxFile[]): void => {
    if (!note) {
      void desk.client.send(thread.id, text, 'message', files, { ifLastSeq: seenNow(thread, seen(), desk.me.id) });
      return;
    }
    const mentions = [...desk.catalogue.agents.value.values()]
      .filter(({ active, name }) => active && text.includes(`@${name}`))
      .map(({ id }) => id);
    void desk.client.send(thread.id, text, 'note', files, mentions.length > 0 ? { mentions } : undefined);
  };
  const tab = (which: 'message' | 'note', label: string): JSX.Element => (
    <button
      type="button"
      data-kind={which}
      aria-pressed={kind.value === which}
      onClick={() => {
        kind.value = which;
      }}
    >
      {label}
    </button>
  );
  return (
    <Composer
      class={note ? 'noting' : ''}
      words={common.value}
      placeholder={note ? notePlaceholder : replyPlaceholder}
      draft={draft}
      place={thread.id}
      files={desk.files.value}
      onDraft={write}
      onSend={send}
      // A note is nobody's business on the other side, nor is the writing of it.
      onTyping={(typing) => desk.client.typing(thread.id, typing && !note)}
      focusKey={matchMedia('(pointer: fine)').matches ? key : undefined}
      onKey={onKey}
      onCaret={(place) => {
        caret.value = place;
      }}
      caret={caret.value}
      field={{
        'aria-autocomplete': 'list',
        'aria-controls': suggestions.length > 0 ? 'suggestions' : undefined,
        'aria-activedescendant': suggestions.length > 0 ? `suggestion-${at}` : undefined,
      }}
    >
      <div class="tabs small">
        {tab('message', reply)}
        {tab('note', noteLabel)}
        <span class="composer-hint">{note ? noteKey : sendKey}</span>
      </div>
      <div class="suggestions" id="suggestions" role="listbox" aria-label={suggested} hidden={suggestions.length === 0}>
        {suggestions.map((suggestion, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, as a combobox does
          // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the field
          <div
            key={suggestion.key}
            id={`suggestion-${i}`}
            role="option"
            aria-selected={i === at}
            class="suggestion"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <strong>{suggestion.title}</strong>
            <span>{suggestion.text}</span>
          </div>
        ))}
      </div>
    </Composer>
  );
};

/** What the agent has seen, and behind it what is their own or an event: nobody has to be asked about these. */
const seenNow = (thread: Thread, seen: number, myId: string): number => {
  let last = seen;
  for (const { seq, kind, senderId } of thread.messages) {
    if (seq === last + 1 && (kind === 'event' || senderId === myId)) last = seq;
  }
  return last;
};
