import { computed, type Signal, signal } from '@preact/signals';
import * as strings from '../shared/i18n/strings.ts';
import { createPreferences } from '../shared/preferences.ts';
import { createTimes } from '../shared/times.ts';

/** A choice of yes or no that this browser remembers. */
const createChoice = (name: string, unset: boolean): Signal<boolean> => {
  const key = `guichet ${name}`;
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(key);
  } catch {
    // Chosen for this page only.
  }
  const choice = signal(kept === null ? unset : kept === 'yes');
  choice.subscribe((value) => {
    if (value === (kept === null ? unset : kept === 'yes')) return;
    kept = value ? 'yes' : 'no';
    try {
      localStorage.setItem(key, kept);
    } catch {
      // As above.
    }
  });
  return choice;
};

export const preferences = {
  ...createPreferences(),
  sound: createChoice('sound', true),
  notify: createChoice('notify', false),
  /** Letters alone as commands: some people need them off. */
  keys: createChoice('keys', true),
};

/** What the console says, in the chosen language; reading one of these in a component makes it follow the choice. */
export const words = computed(() => strings.console[preferences.language.value]);
export const common = computed(() => strings.common[preferences.language.value]);
export const times = computed(() => createTimes(preferences.locale(), common.value));
