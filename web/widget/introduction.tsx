import type { JSX, RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Asked, WidgetInfo } from '../../src/protocol/entities.ts';
import { NAME_MAX } from '../../src/protocol/limits.ts';
import type { common } from '../shared/i18n/en/common.ts';
import type { widget } from '../shared/i18n/en/widget.ts';
import type { Desk } from './desk.ts';

interface IntroductionProps {
  desk: Desk;
  asked: WidgetInfo['preChat'];
  lead: string | undefined;
  words: typeof widget & typeof common;
  /** To be asked whether all that is required was given. */
  form: RefObject<HTMLFormElement | null>;
}

const FIELDS = [
  ['name', NAME_MAX],
  ['email', 254],
] as const;

/** Who is writing, as far as the owner asks: in sight when something is required, else folded away. */
export const Introduction = ({ desk, asked, lead, words, form }: IntroductionProps): JSX.Element | null => {
  const [given, setGiven] = useState({ name: '', email: '' });
  useEffect(() => {
    desk.introduce(Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== '')));
  }, [given]);
  const shown = FIELDS.filter(([name]) => asked[name] !== 'off');
  if (shown.length === 0) return null;
  const required = (which: Asked): boolean => which === 'required';
  const inputOf = (name: 'name' | 'email', maxLength: number) => ({
    class: 'input',
    type: name === 'email' ? 'email' : 'text',
    name,
    autocomplete: name,
    maxLength,
    required: required(asked[name]),
    value: given[name],
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
      setGiven({ ...given, [name]: currentTarget.value }),
  });
  const fields = shown.map(([name, maxLength]) => (
    <label class="field" key={name}>
      <span>
        {words[name]}
        {!required(asked[name]) && ` (${words.optional})`}
      </span>
      <input {...(inputOf(name, maxLength) as JSX.IntrinsicElements['input'])} />
    </label>
  ));
  const open = shown.some(([name]) => required(asked[name]));
  return (
    <form class="introduction" ref={form} onSubmit={(event) => event.preventDefault()}>
      {open ? (
        <>
          <p class="introduction-lead">{lead || words.introduceFirst}</p>
          {fields}
        </>
      ) : (
        <details>
          <summary>{lead || words.introduce}</summary>
          {fields}
        </details>
      )}
    </form>
  );
};
