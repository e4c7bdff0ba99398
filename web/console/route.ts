import { computed, signal } from '@preact/signals';
import type { Status } from './types.ts';

/** Whose conversations: mine, nobody's, everybody's, those where I am named, or an agent's by id. */
export type Who = 'me' | 'none' | 'all' | 'mentions' | (string & {});

/** What the list shows: all of it stands in the address, so that a view can be kept, shared and gone back to. */
export interface Filters {
  readonly who: Who;
  readonly status: Status;
  readonly label: string | undefined;
  /** Words that are looked for, in whatever status. */
  readonly q: string;
}

const CONVERSATION = '/c/';
const STATUSES: readonly Status[] = ['ACTIVE', 'SNOOZED', 'CLOSED'];

/** The other pages of the console, by their place in the address. */
export const PAGES = {
  storage: '#/storage',
  doctor: '#/doctor',
  statistics: '#/statistics',
  preferences: '#/preferences',
  widget: '#/settings/widget',
  hours: '#/settings/hours',
  account: '#/account',
  guard: '#/settings/security',
  agents: '#/settings/agents',
  labels: '#/settings/labels',
  replies: '#/settings/replies',
} as const;
/** Where the list is all there is. */
export const LIST = '#/';
export type Page = keyof typeof PAGES;

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

const place = computed(() => {
  const [path = '', query = ''] = hash.value.slice(1).split('?');
  return { path: path || '/', params: new URLSearchParams(query) };
});

/** The conversation that the address names: a link to it works, and "back" of a phone leads to the list. */
export const conversationInHash = computed(() => {
  const { path } = place.value;
  try {
    return path.startsWith(CONVERSATION) ? decodeURIComponent(path.slice(CONVERSATION.length)) : undefined;
  } catch {
    return undefined;
  }
});

/** The message of that conversation that is to be looked at, by its seq. */
export const messageInHash = computed(() => Number(place.value.params.get('at')) || undefined);

/** The page that the address names; undefined while conversations are what is looked at. */
export const pageInHash = computed((): Page | undefined =>
  (Object.keys(PAGES) as Page[]).find((page) => PAGES[page] === `#${place.value.path}`),
);

const query = computed(() => {
  const params = new URLSearchParams(place.value.params);
  params.delete('at');
  return params.toString();
});

/** Equal as long as nothing in it changes, so that moving from one conversation to the next is no change of view. */
export const filters = computed((): Filters => {
  const params = new URLSearchParams(query.value);
  const status = params.get('status') as Status;
  return {
    who: params.get('who') || 'all',
    status: STATUSES.includes(status) ? status : 'ACTIVE',
    label: params.get('label') ?? undefined,
    q: params.get('q') ?? '',
  };
});

/** An address with the present filters, with what is changed in them. */
const addressOf = (path: string, change: Partial<Filters> = {}, at?: number): string => {
  const { who, status, label, q } = { ...filters.value, ...change };
  const params = new URLSearchParams({
    ...(who !== 'all' && { who }),
    ...(status !== 'ACTIVE' && { status }),
    ...(label !== undefined && { label }),
    ...(q !== '' && { q }),
    ...(at !== undefined && { at: String(at) }),
  });
  return `#${path}${params.size > 0 ? `?${params}` : ''}`;
};

export const hrefOf = (conversationId: string, at?: number): string =>
  addressOf(CONVERSATION + encodeURIComponent(conversationId), {}, at);

/** The list alone, as it is filtered now. */
export const listHref = (): string => addressOf('/');

/** Shows another view of the list; what is open stays open. `replace` leaves no step to go back to. */
export const show = (change: Partial<Filters>, replace = false): void => {
  const { path } = place.value;
  const next = addressOf(pageInHash.value ? '/' : path, change);
  if (replace) history.replaceState(null, '', next);
  else history.pushState(null, '', next);
  hash.value = location.hash;
};

export const go = (href: string): void => {
  location.hash = href;
};

/** The one-time token of a set-up link. */
export const setUpToken = (): string | undefined => /^#setup=(.+)$/.exec(location.hash)?.[1];

/** The one-time token of an admin's link for a new password. */
export const resetToken = (): string | undefined => /^#reset=(.+)$/.exec(location.hash)?.[1];

/** Takes the token, or anything else, out of the address and out of the history. */
export const clearHash = (): void => {
  history.replaceState(null, '', location.pathname);
  hash.value = '';
};
