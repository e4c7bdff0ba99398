import type { Choose } from '../../support/random.ts';
import type { Drawing, Step } from './stage.ts';

/** Tags of things in lists. Each keeps its own by its key: what it is, what was typed, how often it was clicked. */
const LISTED = ['li', 'input', 'Counter', 'Plain', 'section', 'svg'] as const;
const DEPTH_MAX = 3;

interface Listed {
  readonly key: string;
  readonly tag: (typeof LISTED)[number];
  readonly list: Listed[];
}

/** The `data-id`s of a drawing, in the order in which they have to stand in the document. */
export const idsOf = (drawing: Drawing): string[] => {
  if (Array.isArray(drawing)) return drawing.flatMap(idsOf);
  if (typeof drawing !== 'object' || drawing === null) return [];
  const { tag, key, attributes, children } = drawing;
  const own = tag === 'Counter' ? `count-${key}` : attributes['data-id'];
  return [...(typeof own === 'string' ? [own] : []), ...idsOf(children)];
};

/** Random trees, each a few changes away from the one before: things come, go, change places and change. */
export const drawings = (choose: Choose, count: number): Step[] => {
  let made = 0;
  const make = (): Listed => ({ key: `k${++made}`, tag: LISTED[choose(LISTED.length)]!, list: [] });
  const root: Listed = { key: 'root', tag: 'section', list: [] };

  const change = (list: Listed[], depth: number, mayMove: boolean): void => {
    if (choose(3) === 0) list.splice(choose(list.length + 1), choose(3));
    for (let more = choose(4); more > 1; more--) list.splice(choose(list.length + 1), 0, make());
    if (mayMove && choose(2) === 0) {
      for (let moves = choose(4); moves > 0 && list.length > 1; moves--) {
        const [moved] = list.splice(choose(list.length), 1);
        list.splice(choose(list.length + 1), 0, moved!);
      }
    }
    if (depth < DEPTH_MAX)
      for (const { tag, list: inner } of list) if (tag !== 'input' && tag !== 'svg') change(inner, depth + 1, mayMove);
  };

  /** Any of these may be there, be empty, or be missing, from one drawing to the next. */
  const some = (values: Record<string, unknown[]>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, given]) => (choose(3) === 0 ? [] : [[name, given[choose(given.length)]]])),
    );
  const plain = () =>
    some({ class: ['a', 'b c', undefined], 'data-x': [1, 'two', null], 'aria-hidden': [true, false] });
  const manifold = (tag: string) => ({
    ...plain(),
    ...some({ title: ['t', 'u'], hidden: [true, false], tabIndex: [0, -1], onClick: ['one', 'two'] }),
    ...(tag === 'input' && some({ disabled: [true, false], placeholder: ['p', 'q'], maxLength: [5, 9] })),
  });

  const draw = ({ key, tag, list }: Listed): Drawing => {
    if (tag === 'Counter') return { tag, key, attributes: { name: key }, children: inside(list) };
    if (tag === 'Plain') return { tag, key, attributes: {}, children: inside(list) };
    const attributes = { 'data-id': key, 'data-key': key, ...(tag === 'svg' ? plain() : manifold(tag)) };
    if (tag === 'svg') return { tag, key, attributes, children: [{ tag: 'path', attributes: plain(), children: [] }] };
    if (tag !== 'input') return { tag, key, attributes, children: inside(list) };
    const controlled = Number(key.slice(1)) % 3;
    const value = controlled === 0 ? { value: `value ${choose(3)}` } : {};
    const checked = controlled === 1 ? { type: 'checkbox', checked: choose(2) === 0 } : {};
    return { tag, key, attributes: { ...attributes, ...value, ...checked }, children: [] };
  };
  /** Around a list stands what has no key and keeps nothing. */
  const inside = (list: Listed[]): Drawing[] => [
    choose(2) === 0 ? `text ${choose(3)}` : null,
    choose(2) === 0 && { tag: 'p', attributes: plain(), children: [choose(2) === 0 ? choose(9) : ''] },
    list.map(draw),
    choose(3) === 0 ? 'end' : false,
  ];

  const steps: Step[] = [];
  const all = (list: Listed[]): Listed[] => list.flatMap((each) => [each, ...all(each.list)]);
  for (let step = 0; step < count; step++) {
    const known = all(root.list).map(({ key, tag }) => [tag === 'Counter' ? `count-${key}` : key, tag] as const);
    const fields = known.filter(([, tag]) => tag === 'Counter' || tag === 'input');
    const deeds: Step['deeds'][number][] = [];
    const any = (of: typeof known): string => of[choose(of.length)]![0];
    // What was moved may have lost the focus or not: it is in the same place again from here on.
    if (step % 3 === 0) deeds.push(['leave', '']);
    if (known.length > 0) deeds.push(['click', any(known)]);
    if (fields.length > 0) deeds.push(['click', any(fields)], ['type', any(fields)], ['focus', any(fields)]);
    // Every third one moves things; what has the focus then may lose it, in any browser.
    change(root.list, 0, step % 3 === 2);
    if (root.list.length > 6) root.list.splice(0, 2);
    steps.push({ drawing: draw(root), deeds });
  }
  return steps;
};
