import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Label } from '../../../src/protocol/entities.ts';
import type { Desk } from '../desk.ts';
import { COLOURS } from '../label-menu.tsx';
import { PageFrame } from '../page-frame.tsx';
import { words } from '../words.ts';
import { FormEnd } from './form-end.tsx';
import { useSending } from './use-form.ts';

/** The labels of the team: their names and colours, for all conversations that bear them at once. */
export const LabelsPage = ({ desk }: { desk: Desk }): JSX.Element => {
  const { labelsPage: text } = words.value;
  const labels = [...desk.catalogue.labels.value.values()].sort(
    (a, b) => Number(a.archived) - Number(b.archived) || a.name.localeCompare(b.name),
  );
  return (
    <PageFrame id="labels" title={text.title} lead={text.lead}>
      {labels.length === 0 && <p class="muted">{text.empty}</p>}
      <ul class="entries">
        {labels.map((label) => (
          <LabelRow key={label.id} desk={desk} label={label} />
        ))}
      </ul>
      <NewLabel desk={desk} count={labels.length} />
    </PageFrame>
  );
};

const LabelRow = ({ desk, label }: { desk: Desk; label: Label }): JSX.Element => {
  const { labelsPage: text } = words.value;
  const sending = useSending();
  const put = (change: Partial<Label>): void => void sending.send(() => desk.api.putLabel({ ...label, ...change }));
  return (
    <li class={label.archived ? 'entry off' : 'entry'}>
      <input
        type="color"
        aria-label={text.colourOf(label.name)}
        value={label.color}
        onChange={({ currentTarget }) => put({ color: currentTarget.value.toUpperCase() })}
      />
      <input
        class="input"
        aria-label={text.nameOf(label.name)}
        value={label.name}
        maxLength={50}
        onChange={({ currentTarget }) => put({ name: currentTarget.value })}
      />
      {sending.problem.value && (
        <small class="problem" role="alert">
          {sending.problem.value}
        </small>
      )}
      <button
        type="button"
        class="button"
        aria-label={`${label.archived ? text.restore : text.archive}: ${label.name}`}
        onClick={() => put({ archived: !label.archived })}
      >
        {label.archived ? text.restore : text.archive}
      </button>
    </li>
  );
};

const NewLabel = ({ desk, count }: { desk: Desk; count: number }): JSX.Element => {
  const { labelsPage: text } = words.value;
  const sending = useSending();
  const name = useSignal('');
  const add = async (): Promise<void> => {
    const id = name.value.trim();
    const color = COLOURS[count % COLOURS.length]!;
    if (await sending.send(() => desk.api.putLabel({ id, name: id, color, archived: false }))) name.value = '';
  };
  return (
    <form
      class="form framed"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label class="field">
        <span>{text.add}</span>
        <input
          class="input"
          required
          maxLength={50}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <FormEnd sending={sending} submit={text.addDo} />
    </form>
  );
};
