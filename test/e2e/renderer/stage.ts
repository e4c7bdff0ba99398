import { render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import * as runtime from 'preact/jsx-runtime';

/**
 * What runs in the browser, once on Preact and once on the renderer of the widget: draws descriptions of trees one
 * after the other, does in between what a person does, and writes down what stands there.
 */

/** A tree, as JSON. Arrays are lists whose members have keys; the place of everything else is fixed. */
export type Drawing =
  | string
  | number
  | boolean
  | null
  | Drawing[]
  | { tag: string; key?: string; attributes: Record<string, unknown>; children: Drawing[] };

export interface Step {
  drawing: Drawing;
  /** Done before this drawing, to elements by their `data-id`, where they are. */
  deeds: readonly (readonly ['click' | 'focus' | 'type' | 'leave', id: string])[];
}

/** What is there after a step. */
export interface Seen {
  markup: string;
  /** Of everything that has one, in the order of the document. */
  ids: string[];
  /** Of elements with a key: whether each is the very one of the step before. */
  kept: string[];
  focused: string | undefined;
  /** What components began and ended, in any order. */
  lives: string[];
  problem?: string;
}

const { Fragment } = runtime;
/** Of anything: what is drawn here is made up as it goes. */
const jsx = runtime.jsx as (type: unknown, props: object, key?: string) => never;

const root = document.createElement('main');
document.body.append(root);
let lives: string[] = [];
let before = new Set<Element>();

/** Counts clicks, has effects of both kinds, and a reference. */
const Counter = ({ name, children }: { name: string; children?: unknown }) => {
  const [count, setCount] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    lives.push(`begins ${name}`);
    return () => void lives.push(`ends ${name}`);
  }, [name]);
  useLayoutEffect(() => void lives.push(`drawn ${name} ${count} ${button.current?.isConnected}`), [count]);
  return jsx(Fragment, {
    children: [
      jsx('button', {
        ref: button,
        'data-id': `count-${name}`,
        onClick: () => setCount((now) => now + 1),
        children: count,
      }),
      children,
    ],
  });
};
const Plain = ({ children }: { children?: unknown }) => jsx(Fragment, { children });

const toNode = (drawing: Drawing): unknown => {
  if (Array.isArray(drawing)) return drawing.map(toNode);
  if (typeof drawing !== 'object' || drawing === null) return drawing;
  const { tag, key, attributes, children } = drawing;
  const type = tag === 'Counter' ? Counter : tag === 'Plain' ? Plain : tag;
  const { onClick, ...rest } = attributes;
  const heard = onClick === undefined ? {} : { onClick: () => void lives.push(`click ${onClick as string}`) };
  return jsx(type, { ...rest, ...heard, children: children.map(toNode) }, key);
};

const markupOf = (node: Node): string => {
  if (node instanceof Text) return node.data;
  const element = node as HTMLInputElement;
  const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value}`).sort();
  const field = element.localName === 'input' ? ` [${element.value}] ${element.checked} ${element.disabled}` : '';
  return `<${element.localName} ${attributes.join(' ')}${field}>${[...element.childNodes].map(markupOf).join('')}</>`;
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const play = async (told: string): Promise<Seen[]> => {
  const steps = JSON.parse(told) as Step[];
  const seen: Seen[] = [];
  for (const { drawing, deeds } of steps) {
    try {
      for (const [deed, id] of deeds) {
        const element = root.querySelector<HTMLInputElement>(`[data-id="${id}"]`);
        if (deed === 'leave') (document.activeElement as HTMLElement | null)?.blur();
        else if (deed === 'click') element?.click?.();
        else if (deed === 'focus') element?.focus?.();
        else if (element) element.value = `typed ${id}`;
      }
      await pause();
      render(toNode(drawing) as never, root);
      // Effects come when there is time: Preact waits for a frame, and no longer than this.
      for (let turn = 0; turn < 3; turn++) await pause();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    } catch (error) {
      seen.push({
        markup: '',
        ids: [],
        kept: [],
        focused: undefined,
        lives: [],
        problem: String(error instanceof Error ? error.stack : error),
      });
      break;
    }
    const all = [...root.querySelectorAll('[data-key]')];
    const active = document.activeElement as HTMLElement | null;
    // A browser takes the focus from what is hidden or disabled when it next draws, which may be before this or after.
    if (active?.matches(':disabled') || active?.checkVisibility() === false) active.blur();
    seen.push({
      ids: [...root.querySelectorAll('[data-id]')].map((element) => element.getAttribute('data-id')!),
      markup: [...root.childNodes].map(markupOf).join(''),
      kept: all.filter((element) => before.has(element)).map((element) => element.getAttribute('data-key')!),
      focused: document.activeElement?.getAttribute('data-id') ?? undefined,
      lives: lives.sort(),
    });
    before = new Set(all);
    lives = [];
  }
  return seen;
};

Object.assign(globalThis, { play });
