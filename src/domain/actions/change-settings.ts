import type { Settings, WidgetTexts } from '../../protocol/entities.ts';
import { type Actor, authorize } from '../access.ts';
import type { Chat } from '../chat.ts';
import { GuichetError } from '../errors.ts';
import { withDefaults } from '../model/settings.ts';
import { checkLine, checkText } from '../model/text.ts';
import { checkWorkingHours } from '../model/working-hours.ts';
import { noteOf } from './audit-log.ts';

const TEAM_NAME_MAX = 100;
const WIDGET_TEXT_MAX = 500;
const LANGUAGES_MAX = 20;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/;

/** Settings to put in the place of the present ones; what is not named stays as it is. */
export type SettingsInput = Pick<Settings, 'teamName' | 'greeting' | 'accent'> & Partial<Settings>;

/** The settings as they are now; whoever asks has the right to it. */
export const currentSettings = async (chat: Pick<Chat, 'store'>): Promise<Settings> =>
  withDefaults(await chat.store.entry('settings', 'settings'));

/** Puts settings in the place of the present ones; answers them as they are stored. */
export const changeSettings = async (chat: Chat, actor: Actor, input: SettingsInput): Promise<Settings> => {
  authorize(actor, 'settings.change');
  const next = { ...(await currentSettings(chat)), ...input };
  if (next.accent !== null && !/^#[0-9A-Fa-f]{6}$/.test(next.accent)) {
    throw new GuichetError('invalid', 'accent must be a colour such as #1F6F5C, or null.');
  }
  const settings: Settings = {
    ...next,
    teamName: checkLine('teamName', next.teamName, 1, TEAM_NAME_MAX),
    greeting: checkText('greeting', next.greeting, 0, WIDGET_TEXT_MAX),
    texts: checkTexts(next.texts),
    workingHours: next.workingHours && checkWorkingHours(next.workingHours),
  };
  const value = { id: 'settings', ...settings } as const;
  const audit = noteOf(actor, 'settings.change', null);
  await chat.log.commit({ type: 'putEntries', mode: 'replace', entries: [{ kind: 'settings', value }], audit });
  return settings;
};

const checkTexts = (texts: Settings['texts']): Settings['texts'] => {
  const languages = Object.entries(texts);
  if (languages.length > LANGUAGES_MAX) {
    throw new GuichetError('invalid', `There are texts in at most ${LANGUAGES_MAX} languages.`);
  }
  return Object.fromEntries(
    languages.map(([language, said]) => {
      if (!LANGUAGE.test(language)) throw new GuichetError('invalid', 'texts are by language, such as "en" or "fr".');
      return [language, checkLanguage(language, said)];
    }),
  );
};

/** An empty text is none. */
const checkLanguage = (language: string, said: WidgetTexts): WidgetTexts => {
  const given = Object.entries(said).filter(([, text]) => text !== '');
  return Object.fromEntries(
    given.map(([name, text]) => [name, checkText(`texts.${language}.${name}`, text, 1, WIDGET_TEXT_MAX)]),
  );
};
