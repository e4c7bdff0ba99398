import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { forAgents } from '../../src/client/for-agents.ts';
import { type OutboxFile, toOutboxFile } from '../../src/client/index.ts';
import { ATTACHMENTS_MAX, CONTENT_MAX } from '../../src/protocol/limits.ts';
import { ComposerFiles } from './composer-files.tsx';
import type { common } from './i18n/en/common.ts';
import { AttachIcon, SendIcon } from './icons.tsx';
import { useFileDrop } from './use-file-drop.ts';

export interface ComposerProps {
  words: typeof common;
  /** Names the field for those who do not see it, and stands in it while it is empty. */
  placeholder: string;
  draft: string;
  onDraft: (text: string) => void;
  onSend: (text: string, files: readonly OutboxFile[]) => void;
  /** Asked before something is sent; says itself what is missing. */
  maySend?: () => boolean;
  /** What files are taken; none when undefined. */
  files?: { readonly maxBytes: number } | undefined;
  onTyping: (typing: boolean) => void;
  /** Takes the focus when this changes, if it is not undefined. */
  focusKey?: string | undefined;
  /** Where it goes to: files that were chosen for one place never go to another. */
  place: string | undefined;
  hint?: string | undefined;
  /** Sees each key first; true takes it. */
  onKey?: (event: KeyboardEvent) => boolean;
  /** Told where the caret is, and says where it is to be after a text was put in. */
  onCaret?: (place: number) => void;
  caret?: number;
  /** What the field is to assistive technology, beyond a field. */
  field?: Record<string, string | boolean | undefined>;
  class?: string;
  children?: ComponentChildren;
}

/** Counting starts to matter here; before it, nobody needs to know. */
const NEAR_LIMIT = CONTENT_MAX - 500;
const TYPING_ENDS_MS = 4_000;

/** As the server counts: code points after normalisation. */
const characters = (text: string): number => {
  let count = 0;
  for (const _ of text.normalize('NFC')) count++;
  return count;
};

/** Where one writes: Enter sends, Shift+Enter makes a line; grows with the text. */
export const Composer = (props: ComposerProps): JSX.Element => {
  const { words, draft, onDraft, onSend, onTyping, focusKey } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);
  const form = useRef<HTMLFormElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [touched, setTouched] = useState(false);
  const [chosen, setChosen] = useState<readonly OutboxFile[]>([]);
  const [problem, setProblem] = useState('');
  const length = draft.length > NEAR_LIMIT ? characters(draft) : draft.length;
  const over = length - CONTENT_MAX;
  const sendable = (draft.trim() !== '' || chosen.length > 0) && over <= 0;
  const maxBytes = props.files?.maxBytes ?? 0;

  useLayoutEffect(() => {
    const { current: area } = field;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [draft]);

  useLayoutEffect(() => {
    if (!forAgents) return;
    const { current: area } = field;
    if (area && props.caret !== undefined && area.selectionStart !== props.caret && area === document.activeElement) {
      area.setSelectionRange(props.caret, props.caret);
    }
  }, [props.caret, draft]);

  useEffect(() => {
    if (focusKey !== undefined) field.current?.focus({ preventScroll: true });
  }, [focusKey]);

  useEffect(() => setChosen([]), [props.place]);

  useEffect(() => () => clearTimeout(idle.current), []);

  const choose = async (files: readonly File[]): Promise<void> => {
    const large = files.find(({ size }) => size > maxBytes);
    const room = ATTACHMENTS_MAX - chosen.length;
    if (large) setProblem(words.fileTooLarge(large.name, words.size(maxBytes)));
    else setProblem(files.length > room ? words.tooManyFiles(ATTACHMENTS_MAX) : '');
    const taken = files.filter(({ size }) => size > 0 && size <= maxBytes).slice(0, room);
    const added = await Promise.all(taken.map(toOutboxFile));
    setChosen((before) => [...before, ...added].slice(0, ATTACHMENTS_MAX));
    field.current?.focus();
  };
  const dropping = useFileDrop(form, maxBytes > 0 ? (files) => void choose(files) : undefined);

  const write = (text: string): void => {
    onDraft(text);
    setTouched(true);
    clearTimeout(idle.current);
    onTyping(text !== '');
    if (text !== '') idle.current = setTimeout(() => onTyping(false), TYPING_ENDS_MS);
  };

  const send = (): void => {
    if (!sendable || props.maySend?.() === false) return;
    clearTimeout(idle.current);
    onSend(draft.trimEnd(), chosen);
    onDraft('');
    setChosen([]);
    setProblem('');
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (forAgents && props.onKey?.(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    // While an input method is composing, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      ref={form}
      class={`composer ${(forAgents && props.class) || ''}${dropping ? ' dropping' : ''}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {forAgents && props.children}
      {chosen.length > 0 && (
        <ComposerFiles
          files={chosen}
          words={words}
          onRemove={(file) => {
            setChosen(chosen.filter((other) => other !== file));
            field.current?.focus();
          }}
        />
      )}
      {dropping && <p class="drop-hint">{words.drop}</p>}
      <div class="composer-field">
        {maxBytes > 0 && (
          <>
            <input
              ref={picker}
              type="file"
              multiple
              class="picker"
              tabIndex={-1}
              aria-hidden="true"
              onChange={(event) => {
                void choose([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
            <button
              type="button"
              class="icon-button attach"
              aria-label={words.attach}
              title={words.attach}
              onClick={() => picker.current?.click()}
            >
              <AttachIcon />
            </button>
          </>
        )}
        <textarea
          ref={field}
          {...(forAgents && props.field)}
          rows={1}
          value={draft}
          placeholder={props.placeholder}
          aria-label={props.placeholder}
          dir="auto"
          enterkeyhint="send"
          onInput={(event) => {
            if (forAgents) props.onCaret?.(event.currentTarget.selectionStart);
            write(event.currentTarget.value);
          }}
          onSelect={forAgents ? (event) => props.onCaret?.(event.currentTarget.selectionStart) : undefined}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])];
            if (maxBytes === 0 || files.length === 0) return;
            event.preventDefault();
            void choose(files);
          }}
        />
        <button type="submit" class="send" disabled={!sendable} aria-label={words.send} title={words.send}>
          <SendIcon />
        </button>
      </div>
      {problem !== '' && (
        <p class="composer-hint over" role="alert">
          {problem}
        </p>
      )}
      {length > NEAR_LIMIT ? (
        <p class={over > 0 ? 'composer-hint over' : 'composer-hint'} role={touched ? 'status' : undefined}>
          {over > 0 ? words.tooLong(over) : words.left(-over)}
        </p>
      ) : (
        props.hint && <p class="composer-hint">{props.hint}</p>
      )}
    </form>
  );
};
