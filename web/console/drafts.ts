import { signal } from '@preact/signals';

/** Past it the oldest are forgotten: a browser gives a site 5 MB for everything. */
const KEPT_MAX = 200;

type Texts = Readonly<Record<string, string>>;

/**
 * What is being written, by conversation and kind: `<conversation> message` or `<conversation> note`. Kept in this
 * browser for this agent, over reloads, lapsed sessions and closed tabs; every tab has the same.
 */
export const createDrafts = (agentId: string) => {
  const key = `guichet drafts ${agentId}`;
  /** Undefined where the browser refuses: then this page remembers. */
  const load = (): Texts | undefined => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '{}') as Texts;
    } catch {
      return undefined;
    }
  };
  const drafts = signal<Texts>(load() ?? {});
  let isKept = true;
  const heard = (event: StorageEvent): void => {
    if (event.key === key) drafts.value = load() ?? drafts.peek();
  };
  addEventListener('storage', heard);
  return {
    get: (name: string): string => drafts.value[name] ?? '',
    /** Whether a reply or a note waits in a conversation. */
    has: (conversationId: string): boolean =>
      drafts.value[`${conversationId} message`] !== undefined || drafts.value[`${conversationId} note`] !== undefined,
    set: (name: string, text: string): void => {
      // Another tab may have written others a moment ago.
      const { [name]: _, ...others } = (isKept ? load() : undefined) ?? drafts.peek();
      const kept = Object.fromEntries(Object.entries(others).slice(-KEPT_MAX + 1));
      drafts.value = text === '' ? kept : { ...kept, [name]: text };
      try {
        localStorage.setItem(key, JSON.stringify(drafts.peek()));
        isKept = true;
      } catch {
        isKept = false;
      }
    },
    close: (): void => removeEventListener('storage', heard),
  };
};
