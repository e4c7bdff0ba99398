import type { JSX } from 'preact';
import { LANGUAGES, type Language } from '../shared/i18n/language.ts';
import { MenuIcon } from '../shared/icons.tsx';
import type { Theme } from '../shared/preferences.ts';
import type { Desk } from './desk.ts';
import { Menu } from './menu.tsx';
import { PAGES, type Page } from './route.ts';
import { say } from './security/say.ts';
import { preferences, words } from './words.ts';

/** In the order of how often they are wanted. */
const LINKS = [
  'statistics',
  'account',
  'preferences',
  'replies',
  'labels',
  'widget',
  'hours',
  'agents',
  'guard',
  'storage',
  'doctor',
] as const satisfies readonly Page[];

const titleOf = (page: (typeof LINKS)[number]): string => {
  const { storagePage, statistics, doctor, prefs, widgetPage, hoursPage, agentsPage, labelsPage, repliesPage } =
    words.value;
  const titles = {
    account: say.value.account.title,
    guard: say.value.guard.title,
    preferences: prefs.title,
    replies: repliesPage.title,
    labels: labelsPage.title,
    widget: widgetPage.title,
    hours: hoursPage.title,
    agents: agentsPage.title,
    storage: storagePage.title,
    statistics: statistics.title,
    doctor: doctor.title,
  };
  return titles[page];
};

const THEMES = ['auto', 'light', 'dark'] as const satisfies readonly Theme[];

export const MainMenu = ({ desk, onSignOut }: { desk: Desk; onSignOut: () => void }): JSX.Element => {
  const { menu, language, theme, themes, signOut, signOutWaiting } = words.value;
  return (
    <Menu label={menu} face={<MenuIcon />} buttonClass="icon-button">
      {(close) => (
        <>
          <p class="menu-title">
            <bdi>{desk.me.agent?.name ?? desk.me.id}</bdi>
            {desk.me.agent?.email && (
              <small>
                <bdi>{desk.me.agent.email}</bdi>
              </small>
            )}
          </p>
          <label class="menu-choice">
            <span>{language}</span>
            <select
              value={preferences.language.value}
              onChange={(event) => {
                preferences.language.value = event.currentTarget.value as Language;
              }}
            >
              {Object.entries(LANGUAGES).map(([code, name]) => (
                <option key={code} value={code} lang={code}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="menu-choice">
            <span>{theme}</span>
            <select
              value={preferences.theme.value}
              onChange={(event) => {
                preferences.theme.value = event.currentTarget.value as Theme;
              }}
            >
              {THEMES.map((name) => (
                <option key={name} value={name}>
                  {themes[name]}
                </option>
              ))}
            </select>
          </label>
          {LINKS.map((page) => (
            <a key={page} class="menu-item" href={PAGES[page]} onClick={close}>
              {titleOf(page)}
            </a>
          ))}
          {desk.client.outbox.entries().length > 0 && <p class="menu-note">{signOutWaiting}</p>}
          <button type="button" class="menu-item" onClick={onSignOut}>
            {signOut}
          </button>
        </>
      )}
    </Menu>
  );
};
