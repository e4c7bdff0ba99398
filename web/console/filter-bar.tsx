import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { CloseIcon, SearchIcon } from '../shared/icons.tsx';
import type { Desk } from './desk.ts';
import { filters, show, type Who } from './route.ts';
import type { Status } from './types.ts';
import { words } from './words.ts';

const WHO = ['me', 'none', 'all', 'mentions'] as const;
const STATUSES = ['ACTIVE', 'SNOOZED', 'CLOSED'] as const satisfies readonly Status[];
/** A search is asked for when the typing rests this long. */
const SEARCH_AFTER_MS = 250;

/** Whose conversations, in what state, with what label, with what words: all in the address. */
export const FilterBar = ({ desk }: { desk: Desk }): JSX.Element => {
  const { who, status, label, q } = filters.value;
  const { views, statuses, allLabels, labels, agentsView } = words.value;
  const offered = [...desk.catalogue.labels.value.values()].filter(({ archived, id }) => !archived || id === label);
  const colleagues = [...desk.catalogue.agents.value.values()].filter(({ active, id }) => active && id !== desk.me.id);
  const named = [...desk.inbox.mentions.value.values()].filter(({ seen }) => !seen).length;
  const isAgents = !(WHO as readonly string[]).includes(who);
  return (
    <div class="filters">
      <Search />
      <div class="tabs">
        {WHO.map((each) => (
          <button key={each} type="button" aria-pressed={who === each} onClick={() => show({ who: each })}>
            {each === 'mentions' ? '@' : views[each]}
            {each === 'mentions' && <span class="hidden">{views.mentions}</span>}
            {each === 'mentions' && named > 0 && <span class="tab-count count">{named}</span>}
          </button>
        ))}
        {colleagues.length > 0 && (
          <select
            class={isAgents ? 'tab-select chosen' : 'tab-select'}
            aria-label={agentsView}
            title={agentsView}
            value={isAgents ? who : ''}
            onChange={({ currentTarget }) => show({ who: (currentTarget.value || 'all') as Who })}
          >
            <option value="">{agentsView}</option>
            {colleagues.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      {who !== 'mentions' && (
        <div class="filter-line">
          <fieldset class="statuses">
            <legend class="hidden">{words.value.status}</legend>
            {STATUSES.map((each) => (
              // A search looks in every state; choosing one ends it.
              <button
                key={each}
                type="button"
                aria-pressed={q === '' && status === each}
                onClick={() => show({ status: each, q: '' })}
              >
                {statuses[each]}
              </button>
            ))}
          </fieldset>
          {(offered.length > 0 || label !== undefined) && (
            <select
              class={label === undefined ? 'tab-select' : 'tab-select chosen'}
              aria-label={labels}
              title={labels}
              value={label ?? ''}
              onChange={({ currentTarget }) => show({ label: currentTarget.value || undefined })}
            >
              <option value="">{allLabels}</option>
              {offered.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
              {label !== undefined && offered.every(({ id }) => id !== label) && <option value={label}>{label}</option>}
            </select>
          )}
        </div>
      )}
    </div>
  );
};

const Search = (): JSX.Element => {
  const { q } = filters.value;
  const text = useSignal(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    text.value = q;
  }, [q]);
  const write = (value: string): void => {
    text.value = value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => show({ q: value.trim() }, q !== ''), SEARCH_AFTER_MS);
  };
  const { search, searchClear } = words.value;
  return (
    <search class="search">
      <SearchIcon />
      <input
        type="text"
        class="search-field"
        value={text.value}
        placeholder={search}
        aria-label={search}
        enterkeyhint="search"
        onInput={({ currentTarget }) => write(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && text.value !== '') write('');
        }}
      />
      {text.value !== '' && (
        <button
          type="button"
          class="icon-button"
          aria-label={searchClear}
          title={searchClear}
          onClick={() => write('')}
        >
          <CloseIcon />
        </button>
      )}
    </search>
  );
};
