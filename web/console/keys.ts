import type { Signal } from '@preact/signals';
import type { Desk } from './desk.ts';
import { focusRow } from './inbox-view.tsx';
import { conversationInHash, go, hrefOf, LIST } from './route.ts';
import { preferences } from './words.ts';

/** Every command by keyboard, in the order of the sheet; what each does is said in the strings under its name. */
export const KEYS = {
  search: '/',
  next: 'j',
  previous: 'k',
  reply: 'r',
  note: 'n',
  take: 'a',
  close: 'e',
  snooze: 's',
  labels: 'l',
  undo: 'z',
  details: 'd',
  sheet: '?',
} as const;
export type Command = keyof typeof KEYS;

const COMMANDS = new Map(Object.entries(KEYS).map(([command, key]) => [key as string, command as Command]));

/** Where letters are text, or belong to what is open, they are no commands. */
const isTaken = (event: KeyboardEvent): boolean => {
  const { target, ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
  if (ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], .menu') !== null;
};

const press = (selector: string): void => document.querySelector<HTMLElement>(selector)?.click();

/** Listens for commands until the function it returns is called. */
export const listenForKeys = (desk: Desk, view: { sheet: Signal<boolean>; details: Signal<boolean> }): (() => void) => {
  const move = (step: number): void => {
    const { value: rows } = desk.inbox.rows;
    const at = rows.findIndex(({ id }) => id === conversationInHash.value);
    const to = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step));
    const row = rows[to];
    if (row === undefined) return;
    go(hrefOf(row.id));
    const list = document.querySelector('.rows');
    if (list) focusRow(list, to, rows.length);
  };
  const write = (kind: 'message' | 'note'): void => {
    press(`.composer [data-kind="${kind}"]`);
    document.querySelector<HTMLElement>('.composer textarea')?.focus();
  };
  const open = () => {
    const { value: id } = conversationInHash;
    return id === undefined ? undefined : desk.inbox.get(id);
  };
  const run: Record<Command, () => void> = {
    search: () => document.querySelector<HTMLElement>('.search-field')?.focus(),
    next: () => move(1),
    previous: () => move(-1),
    reply: () => write('message'),
    note: () => write('note'),
    take: () => {
      const conversation = open();
      if (conversation) void desk.change(conversation, { agentId: desk.me.id });
    },
    close: () => {
      const conversation = open();
      if (!conversation) return;
      void desk.change(conversation, { status: conversation.status === 'CLOSED' ? 'ACTIVE' : 'CLOSED' });
    },
    snooze: () => press('[data-menu="snooze"]'),
    labels: () => press('[data-menu="labels"]'),
    undo: () => desk.notices.undo(),
    details: () => {
      view.details.value = !view.details.value;
    },
    sheet: () => {
      view.sheet.value = true;
    },
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isTaken(event)) return;
    if (event.key === 'Escape' && conversationInHash.value !== undefined) go(LIST);
    const command = COMMANDS.get(event.key);
    // The sheet says how to have the letters back, so its own key always works.
    if (command === undefined || (!preferences.keys.value && command !== 'sheet')) return;
    event.preventDefault();
    run[command]();
  };
  addEventListener('keydown', onKeyDown);
  return () => removeEventListener('keydown', onKeyDown);
};
