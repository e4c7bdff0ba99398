import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { LabelIcon } from '../shared/icons.tsx';
import type { Desk } from './desk.ts';
import { LabelChip } from './label-dots.tsx';
import { Menu } from './menu.tsx';
import type { Conversation } from './types.ts';
import { words } from './words.ts';

/** Colours that stand apart from one another and can be seen on both papers. */
export const COLOURS = [
  '#C4391D',
  '#B7791F',
  '#2F855A',
  '#2B6CB0',
  '#6B46C1',
  '#B83280',
  '#4A5568',
  '#0D7377',
] as const;

/** Puts labels on a conversation and takes them off, and makes new ones on the way. */
export const LabelMenu = ({ desk, conversation }: { desk: Desk; conversation: Conversation }): JSX.Element => {
  const { labels: title, newLabel, addLabel } = words.value;
  const name = useSignal('');
  const { labels = [] } = conversation;
  const known = desk.catalogue.labels.value;
  const offered = [...new Set([...labels, ...[...known.values()].filter((l) => !l.archived).map(({ id }) => id)])];
  const set = (next: readonly string[]): void => void desk.change(conversation, { labels: next });
  const add = async (): Promise<void> => {
    const text = name.value.trim();
    if (text === '') return;
    name.value = '';
    const same = [...known.values()].find((label) => label.name.toLowerCase() === text.toLowerCase());
    const id = same?.id ?? text;
    if (same === undefined || same.archived) {
      const color = same?.color ?? COLOURS[known.size % COLOURS.length]!;
      const made = { id, name: same?.name ?? text, color, archived: false };
      if (!(await desk.attempt(() => desk.api.putLabel(made)))) return;
    }
    if (!labels.includes(id)) set([...labels, id]);
  };
  return (
    <Menu label={title} face={<LabelIcon />} buttonClass="icon-button" name="labels">
      {() => (
        <>
          <fieldset class="menu-checks">
            <legend class="menu-legend">{title}</legend>
            {offered.map((id) => (
              <label key={id} class="menu-check">
                <input
                  type="checkbox"
                  checked={labels.includes(id)}
                  onChange={({ currentTarget }) =>
                    set(currentTarget.checked ? [...labels, id] : labels.filter((each) => each !== id))
                  }
                />
                <LabelChip desk={desk} id={id} />
              </label>
            ))}
          </fieldset>
          <form
            class="menu-form"
            onSubmit={(event) => {
              event.preventDefault();
              void add();
            }}
          >
            <input
              class="input"
              value={name.value}
              maxLength={50}
              placeholder={newLabel}
              aria-label={newLabel}
              onInput={({ currentTarget }) => {
                name.value = currentTarget.value;
              }}
            />
            <button type="submit" class="button">
              {addLabel}
            </button>
          </form>
        </>
      )}
    </Menu>
  );
};
