/**
 * What the widget needs of Preact, and no more: components, keyed lists and hooks in a quarter of the bytes. The
 * components are written against Preact's types and run on Preact in the console; the build of the widget puts this in
 * its place. No classes, contexts, portals or error boundaries; references are objects.
 */

export type Key = string | number | undefined;
export interface VNode {
  readonly type: string | Component;
  readonly props: Props;
  readonly key: Key;
}
// biome-ignore lint/suspicious/noExplicitAny: attributes and properties of any element
type Props = Record<string, any>;
/** What an attribute can hold. */
type Simple = string | number | boolean;
type Component = (props: Props) => unknown;

export interface Hook {
  value?: unknown;
  deps?: readonly unknown[] | undefined;
  /** Of an effect: to be run once what was drawn is in the page; at once, or when there is time. */
  run?: (() => unknown) | undefined;
  atOnce?: boolean;
  cleanUp?: unknown;
  set?: (next: unknown) => void;
}

/** Something that is drawn. Texts and elements have a node; components end in an empty text that marks their place. */
export interface Instance {
  type: string | Component | undefined;
  props: Props;
  node: Node;
  children: Map<string, Instance>;
  parent: Instance | undefined;
  depth: number;
  hooks: Hook[];
  dirty: boolean;
  gone: boolean;
}

const SVG = 'http://www.w3.org/2000/svg';
/** Set as attributes although elements have properties of that name. */
const ATTRIBUTES = /^(?:width|height|href|list|form|tabIndex|download|role)$/;

export const jsx = (type: VNode['type'], props: Props, key?: Key): VNode => ({ type, props, key });
export { jsx as jsxs };
export const Fragment: Component = ({ children }) => children;

/** The component that is being run, for its hooks. */
export let current: Instance | undefined;
export let hookIndex = 0;
export const nextHook = (): Hook => {
  const { hooks } = current!;
  const hook = hooks[hookIndex] ?? {};
  hooks[hookIndex++] = hook;
  return hook;
};

const dirty = new Set<Instance>();
let effects: Instance[] = [];
let later: Hook[] = [];

/** Has a component run again, with all else that asks for it in this turn. */
export const schedule = (instance: Instance): void => {
  instance.dirty = true;
  if (dirty.size === 0) queueMicrotask(flush);
  dirty.add(instance);
};

const flush = (): void => {
  const due = [...dirty].sort((a, b) => a.depth - b.depth);
  dirty.clear();
  for (const instance of due) if (instance.dirty && !instance.gone) draw(instance);
  settle();
};

const runHook = (hook: Hook): void => {
  const { run } = hook;
  hook.run = undefined;
  if (!run) return;
  if (typeof hook.cleanUp === 'function') hook.cleanUp();
  hook.cleanUp = run();
};

/** Everything that was drawn is in the page now. */
const settle = (): void => {
  const drawn = effects;
  effects = [];
  for (const { hooks, gone } of drawn) {
    if (gone) continue;
    for (const hook of hooks) if (hook.run && hook.atOnce) runHook(hook);
    later.push(...hooks.filter(({ run }) => run));
  }
  setTimeout(() => {
    const hooks = later;
    later = [];
    hooks.forEach(runHook);
  });
};

const roots = new WeakMap<Node, Instance>();

/** Draws a node into a root; again and again, always from the same place. */
export const render = (node: VNode, root: Node): void => {
  let instance = roots.get(root);
  if (!instance) {
    instance = create(Fragment, undefined, root);
    root.appendChild(instance.node);
    roots.set(root, instance);
  }
  instance.props = { children: node };
  draw(instance);
  settle();
};

const create = (type: Instance['type'], parent: Instance | undefined, place: Node): Instance => ({
  type,
  props: {},
  node:
    typeof type === 'string'
      ? type === 'svg' || (place as Element).namespaceURI === SVG
        ? document.createElementNS(SVG, type)
        : document.createElement(type)
      : document.createTextNode(''),
  children: new Map(),
  parent,
  depth: parent ? parent.depth + 1 : 0,
  hooks: [],
  dirty: false,
  gone: false,
});

/** Runs a component and draws what it gives, in front of its mark. */
const draw = (instance: Instance): void => {
  instance.dirty = false;
  const [outer, index] = [current, hookIndex];
  current = instance;
  hookIndex = 0;
  const given = (instance.type as Component)(instance.props);
  current = outer;
  hookIndex = index;
  drawChildren(instance, given, instance.node.parentNode!, instance.node);
  effects.push(instance);
};

/** Children by a key of their own: the one they were given, or their place, so that a gap moves nobody. */
const keyed = (given: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> => {
  if (Array.isArray(given)) {
    // What has a key is known by it wherever it stands in lists inside lists.
    for (const [index, child] of given.entries()) {
      const key = (child as VNode | null)?.key;
      if (key === undefined) keyed(child, `${path}.${index}`, into);
      else into.set(`${path.split('.', 2).join('.')}:${key}`, child);
    }
  } else if (given !== null && given !== undefined && typeof given !== 'boolean') into.set(path, given);
  return into;
};

const drawChildren = (instance: Instance, given: unknown, place: Node, end: Node | null): void => {
  const before = instance.children;
  // A new one goes behind the one before it: what stays is not moved, and keeps the focus and how far it is scrolled.
  let at = firstOf(before) ?? end;
  const next = new Map<string, Instance>();
  for (const [key, child] of keyed(given, '', new Map())) {
    const node = child as VNode;
    const type = typeof child === 'object' ? node.type : undefined;
    let known = before.get(key);
    if (known?.type !== type || !known) known = create(type, instance, place);
    else before.delete(key);
    next.set(key, known);
    // In its place before it is drawn: components draw in front of their mark.
    if (!known.node.parentNode) place.insertBefore(known.node, at);
    update(known, child);
    at = known.node.nextSibling;
  }
  for (const old of before.values()) remove(old, true);
  instance.children = next;
  let after = end;
  for (const child of [...next.values()].reverse()) after = put(child, place, after);
};

/** The first node of what was drawn. */
const firstOf = (children: Instance['children']): Node | undefined => {
  for (const { children: inner, node, type } of children.values()) {
    return (typeof type === 'function' && firstOf(inner)) || node;
  }
  return undefined;
};

/** Puts an instance in front of a node, unless it stands there; answers its own first node. */
const put = (instance: Instance, place: Node, before: Node | null): Node => {
  if (instance.node.nextSibling !== before || instance.node.parentNode !== place) {
    place.insertBefore(instance.node, before);
  }
  let first: Node = instance.node;
  if (typeof instance.type !== 'function') return first;
  for (const child of [...instance.children.values()].reverse()) first = put(child, place, first);
  return first;
};

const update = (instance: Instance, given: unknown): void => {
  const { type, node } = instance;
  if (type === undefined) {
    const text = String(given);
    if ((node as Text).data !== text) (node as Text).data = text;
    return;
  }
  const { props } = given as VNode;
  const before = instance.props;
  instance.props = props;
  if (typeof type === 'function') {
    draw(instance);
    return;
  }
  const element = node as HTMLElement;
  const { children, ...attributes } = props;
  drawChildren(instance, children, element, null);
  const { children: _, ...former } = before;
  // What is not said any more goes first: one name may stand for another.
  for (const name of Object.keys(former))
    if (!(name in attributes)) setProperty(element, name, undefined, former[name]);
  for (const name of Object.keys(attributes)) setProperty(element, name, attributes[name], former[name]);
};

const setProperty = (element: HTMLElement, name: string, value: unknown, before: unknown): void => {
  if (name === 'ref') {
    if (before && before !== value) (before as { current: unknown }).current = null;
    if (value) (value as { current: unknown }).current = element;
    return;
  }
  if (name === 'value' || name === 'checked') {
    // What stands in a field may have been changed by hand since.
    const field = element as unknown as Record<string, unknown>;
    if (`${field[name] as Simple}` !== `${(value ?? '') as Simple}`) field[name] = value ?? '';
    return;
  }
  if (value === before) return;
  if (name === 'style') Object.assign(element.style, value);
  else if (name.startsWith('on')) element[name.toLowerCase() as 'onclick'] = (value ?? null) as null;
  else if (name in element && !ATTRIBUTES.test(name) && element.namespaceURI !== SVG) {
    (element as unknown as Record<string, unknown>)[name] = value ?? '';
  } else if (value === undefined || value === null || (value === false && name[4] !== '-')) {
    element.removeAttribute(name);
  } else element.setAttribute(name, `${value as Simple}`);
};

/** Ends an instance and what is in it; only the outermost has to be taken out of the page. */
const remove = (instance: Instance, takeOut: boolean): void => {
  instance.gone = true;
  for (const { cleanUp } of instance.hooks) if (typeof cleanUp === 'function') cleanUp();
  const { ref } = instance.props;
  if (typeof instance.type === 'string' && ref) ref.current = null;
  const isComponent = typeof instance.type === 'function';
  for (const child of instance.children.values()) remove(child, takeOut && isComponent);
  if (takeOut) instance.node.parentNode?.removeChild(instance.node);
};
