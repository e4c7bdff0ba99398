import { plainLine } from '../../protocol/plain-line.ts';
import type { Settings, SettingsEntry } from './directory.ts';

const DEFAULTS: Settings = {
  teamName: 'Guichet',
  greeting: '',
  accent: null,
  position: 'right',
  texts: {},
  preChat: { name: 'optional', email: 'optional' },
  workingHours: null,
  rating: true,
  autoAssign: false,
};

/** The settings of an installation that may have set none, or had them before some existed. */
export const withDefaults = (entry: SettingsEntry | undefined): Settings => {
  const { id: _, ...said }: Partial<SettingsEntry> = entry ?? {};
  const teamName = plainLine(said.teamName ?? '') || DEFAULTS.teamName;
  return { ...DEFAULTS, ...said, teamName };
};
