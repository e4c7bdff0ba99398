import type { JSX } from 'preact';
import { common } from './words.ts';

/** In the place of what is not there yet; shown only when that takes a while. */
export const Loading = (): JSX.Element => <p class="muted late">{common.value.loading}</p>;
