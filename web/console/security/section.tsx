import type { ComponentChildren, JSX } from 'preact';
import { Loading } from '../loading.tsx';
import type { Sending } from '../settings/use-form.ts';

/** A part of a page, with a heading and a sentence about it. */
export const Section = ({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: string | undefined;
  children: ComponentChildren;
}): JSX.Element => (
  <section class="form framed">
    <h3>{title}</h3>
    {lead && <p class="muted">{lead}</p>}
    {children}
  </section>
);

/** Lines with something to do at the end of each; says so where there are none, and where nobody knows yet. */
export const Entries = <T,>({
  items,
  none,
  keyOf,
  draw,
}: {
  items: readonly T[] | undefined;
  none: string;
  keyOf: (item: T) => string;
  draw: (item: T) => { title: string; more: ComponentChildren; act: string; onAct: () => void };
}): JSX.Element => (
  <>
    {items === undefined && <Loading />}
    {items?.length === 0 && <p class="muted">{none}</p>}
    <ul class="entries">
      {items?.map((item) => {
        const { title, more, act, onAct } = draw(item);
        return (
          <li key={keyOf(item)} class="entry">
            <div class="entry-text">
              <strong>
                <bdi>{title}</bdi>
              </strong>
              <small class="muted">{more}</small>
            </div>
            <button type="button" class="button" onClick={onAct}>
              {act}
            </button>
          </li>
        );
      })}
    </ul>
  </>
);

/** The values of a form, by name, when it is sent. */
export const onSend =
  (take: (values: Record<string, string>, form: HTMLFormElement) => void) =>
  (event: { preventDefault(): void; currentTarget: HTMLFormElement }): void => {
    event.preventDefault();
    const form = event.currentTarget;
    take(Object.fromEntries(new FormData(form)) as Record<string, string>, form);
  };

/** What went wrong, where it was asked for. */
export const Problem = ({ sending }: { sending: Sending }): JSX.Element => (
  <p class="problem" role="alert">
    {sending.problem.value}
  </p>
);

interface SecretFieldProps {
  name: string;
  label: string;
  autocomplete: 'current-password' | 'new-password' | 'one-time-code';
  minLength?: number;
}

export const SecretField = ({ name, label, autocomplete, minLength }: SecretFieldProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <input
      class="input"
      name={name}
      // The types of Preact split inputs by type; ours all take text.
      type={(autocomplete === 'one-time-code' ? 'text' : 'password') as 'text'}
      autocomplete={autocomplete}
      required
      maxLength={200}
      {...(minLength === undefined ? {} : { minLength })}
    />
  </label>
);
