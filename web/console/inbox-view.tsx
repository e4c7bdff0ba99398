import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Mark } from '../shared/icons.tsx';
import type { Desk } from './desk.ts';
import { FilterBar } from './filter-bar.tsx';
import { FoundMessages } from './found-messages.tsx';
import { InboxRow, ROW_HEIGHT } from './inbox-row.tsx';
import { MainMenu } from './main-menu.tsx';
import { filters, LIST } from './route.ts';
import { StatusLine } from './status-line.tsx';
import { useVisibleRows } from './use-visible-rows.ts';
import { common, words } from './words.ts';

export const InboxView = ({ desk, onSignOut }: { desk: Desk; onSignOut: () => void }): JSX.Element => (
  <nav class="inbox" aria-label={words.value.inbox}>
    <div class="inbox-head">
      <a class="brand" href={LIST}>
        <Mark size={22} /> Guichet
      </a>
      <MainMenu desk={desk} onSignOut={onSignOut} />
    </div>
    <FilterBar desk={desk} />
    <FoundMessages desk={desk} />
    <List desk={desk} />
    <StatusLine desk={desk} />
  </nav>
);

const List = ({ desk }: { desk: Desk }): JSX.Element => {
  const { inbox } = desk;
  const { value: rows } = inbox.rows;
  const { value: extent } = inbox.extent;
  const { value: view } = filters;
  const { scroller, from, to } = useVisibleRows(rows.length, ROW_HEIGHT, () => inbox.more());
  useEffect(() => {
    scroller.current!.scrollTop = 0;
    // Before the first sign of life there is nothing to ask; the desk then loads by itself.
    if (desk.client.connection.cursor !== undefined && !inbox.extent.peek()) inbox.more();
  }, [view]);
  // What has the focus stays drawn, wherever the list is scrolled.
  const focused = useRef<string>(undefined);
  const kept = rows.findIndex(({ id }) => id === focused.current);
  const shown = rows.slice(from, to).map((conversation, i) => ({ conversation, at: from + i }));
  if (kept >= 0 && (kept < from || kept >= to)) shown.push({ conversation: rows[kept]!, at: kept });
  return (
    <ul
      class="rows"
      ref={scroller}
      onKeyDown={(event) => moveFocus(event, rows.length)}
      onFocusCapture={(event) => {
        focused.current = (event.target as HTMLElement).dataset.id;
      }}
      aria-busy={extent?.state === 'loading'}
    >
      {shown.map(({ conversation, at }) => (
        <li
          key={conversation.id}
          class="row-place"
          aria-setsize={extent?.nextCursor === null ? rows.length : -1}
          aria-posinset={at + 1}
          style={{ transform: `translateY(${at * ROW_HEIGHT}px)` }}
        >
          <InboxRow desk={desk} conversation={conversation} at={at} />
        </li>
      ))}
      <li class="rows-end" aria-hidden="true" style={{ height: `${rows.length * ROW_HEIGHT}px` }} />
      {extent?.state === 'failed' && (
        <li class="rows-note" role="alert">
          {words.value.loadFailed}{' '}
          <button type="button" class="link" onClick={() => inbox.more()}>
            {common.value.retry}
          </button>
        </li>
      )}
      {extent?.state === 'ready' && rows.length === 0 && <Empty desk={desk} />}
      {(!extent || extent.state === 'loading') && <li class="rows-note late">{common.value.loading}</li>}
    </ul>
  );
};

const Empty = ({ desk }: { desk: Desk }): JSX.Element => {
  const { empty } = words.value;
  const { who, status, q, label } = filters.value;
  if (q !== '') return <li class="rows-note">{empty.search}</li>;
  const nothingAtAll = who === 'all' && status === 'ACTIVE' && label === undefined && desk.inbox.known === 0;
  if (!nothingAtAll) return <li class="rows-note">{who in empty ? empty[who as keyof typeof empty] : empty.all}</li>;
  return (
    <li class="rows-note">
      {empty.firstTime}{' '}
      <a class="link" href="/demo" target="_blank" rel="noopener">
        {empty.demo}
      </a>
      .
    </li>
  );
};

/** The row at a place of the list, brought into sight first where it must. */
export const focusRow = (list: Element, at: number, count: number): void => {
  if (at < 0 || at >= count) return;
  const top = at * ROW_HEIGHT;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
  const focus = (): boolean => {
    const row = list.querySelector<HTMLElement>(`a.row[data-at="${at}"]`);
    row?.focus({ preventScroll: true });
    return row !== null;
  };
  // It is drawn in the turn after the scroll.
  if (!focus()) requestAnimationFrame(() => requestAnimationFrame(focus));
};

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

const moveFocus = (event: TargetedKeyboardEvent<HTMLElement>, count: number): void => {
  const { at } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
  const place = at === undefined ? undefined : Number(at);
  if (place === undefined) return;
  const { key, currentTarget: list } = event;
  const to = key === 'Home' ? 0 : key === 'End' ? count - 1 : place + (STEPS[key] ?? 0);
  if (to === place) return;
  event.preventDefault();
  focusRow(list, Math.max(0, Math.min(count - 1, to)), count);
};
