import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface MenuProps {
  label: string;
  /** What the button shows; its label otherwise. */
  face?: ComponentChildren;
  buttonClass?: string;
  /** For commands by keyboard that open it. */
  name?: string;
  /** Given the function that closes the menu. */
  children: (close: () => void) => ComponentChildren;
}

/** A button with things to choose from below it: Escape and a click elsewhere close it, arrows move in it. */
export const Menu = ({ label, face, buttonClass = 'button', name, children }: MenuProps): JSX.Element => {
  const open = useSignal(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    open.value = false;
    button.current?.focus();
  };
  const items = (): HTMLElement[] => [
    ...frame.current!.querySelectorAll<HTMLElement>('.menu button, .menu select, .menu a, .menu input'),
  ];

  useEffect(() => {
    if (!open.value) return;
    items()[0]?.focus();
    const elsewhere = (event: Event): void => {
      if (!frame.current?.contains(event.target as Node)) open.value = false;
    };
    addEventListener('pointerdown', elsewhere);
    return () => removeEventListener('pointerdown', elsewhere);
  }, [open.value]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && open.value) {
      event.stopPropagation();
      close();
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || !open.value || isOwnOfField(document.activeElement)) return;
    event.preventDefault();
    const all = items();
    all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length]?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens to the keys of what is inside
    <div class="menu-frame" ref={frame} onKeyDown={onKeyDown}>
      <button
        type="button"
        class={buttonClass}
        ref={button}
        data-menu={name}
        aria-expanded={open.value}
        aria-label={face === undefined ? undefined : label}
        title={face === undefined ? undefined : label}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {face ?? label}
      </button>
      {open.value && <div class="menu">{children(close)}</div>}
    </div>
  );
};

/** In a field that is written or chosen in, arrows belong to the field. */
const isOwnOfField = (element: Element | null): boolean =>
  element instanceof HTMLSelectElement || (element instanceof HTMLInputElement && element.type !== 'checkbox');
