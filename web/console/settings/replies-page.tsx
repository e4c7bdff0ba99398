import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { uuidv7 } from '../../../src/client/index.ts';
import type { CannedReply } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { PageFrame } from '../page-frame.tsx';
import { words } from '../words.ts';
import { FormEnd } from './form-end.tsx';
import { useSending } from './use-form.ts';

/** Texts that are written often, each under a word that is typed behind a slash. */
export const RepliesPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { repliesPage: text } = words.value;
  const { value: replies } = desk.catalogue.replies;
  const open = useSignal<string | undefined>(undefined);
  return (
    <PageFrame id="replies" title={text.title} lead={text.lead}>
      {replies.length === 0 && <p class="muted">{text.empty}</p>}
      <ul class="entries">
        {replies.map((reply) =>
          open.value === reply.id ? (
            <li key={reply.id}>
              <ReplyForm
                desk={desk}
                reply={reply}
                onDone={() => {
                  open.value = undefined;
                }}
              />
            </li>
          ) : (
            <li key={reply.id} class="entry">
              <div class="entry-text">
                <strong>/{reply.shortcut}</strong>
                <small class="muted">{reply.content}</small>
              </div>
              <button
                type="button"
                class="button"
                aria-label={`${text.edit}: ${reply.shortcut}`}
                onClick={() => {
                  open.value = reply.id;
                }}
              >
                {text.edit}
              </button>
              <button
                type="button"
                class="button"
                aria-label={`${text.remove}: ${reply.shortcut}`}
                onClick={() => void desk.attempt(() => desk.api.putCannedReply({ ...reply, archived: true }))}
              >
                {text.remove}
              </button>
            </li>
          ),
        )}
      </ul>
      <ReplyForm key={replies.length} desk={desk} onDone={() => {}} />
    </PageFrame>
  );
};

const ReplyForm = ({ desk, reply, onDone }: { desk: Desk; reply?: CannedReply; onDone: () => void }): JSX.Element => {
  const { repliesPage: text } = words.value;
  const sending = useSending();
  const shortcut = useSignal(reply?.shortcut ?? '');
  const content = useSignal(reply?.content ?? '');
  const save = async (): Promise<void> => {
    const next = {
      id: reply?.id ?? uuidv7(),
      shortcut: shortcut.value.replace(/^\//, '').trim(),
      content: content.value,
      archived: false,
    };
    if (await sending.send(() => desk.api.putCannedReply(next))) onDone();
  };
  return (
    <form
      class="form framed"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {!reply && <h3>{text.add}</h3>}
      <label class="field">
        <span>{text.shortcut}</span>
        <input
          class="input"
          required
          maxLength={40}
          value={shortcut.value}
          onInput={({ currentTarget }) => {
            shortcut.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field">
        <span>{text.content}</span>
        <textarea
          class="input"
          rows={4}
          required
          maxLength={20_000}
          value={content.value}
          onInput={({ currentTarget }) => {
            content.value = currentTarget.value;
          }}
        />
        <small class="muted">{text.hint}</small>
      </label>
      <FormEnd sending={sending} submit={reply ? undefined : text.addDo} />
    </form>
  );
};
