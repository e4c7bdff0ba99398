import { computed } from '@preact/signals';
import { connectSecurityApi } from '../../../src/client/index.ts';
import * as strings from '../../shared/i18n/strings.ts';
import { preferences } from '../words.ts';

/** What these pages say, in the chosen language. */
export const say = computed(() => strings.security[preferences.language.value]);

export const api = connectSecurityApi('');
