import type { JSX } from 'preact';
import { RATING_MAX } from '../../src/protocol/limits.ts';
import { words } from './words.ts';

/** A mark from 1 to 5, drawn as that many filled dots and said in words. */
export const Score = ({ score }: { score: number }): JSX.Element => (
  <span class="score" role="img" aria-label={words.value.scoreOf(score)} title={words.value.scoreOf(score)}>
    {Array.from({ length: RATING_MAX }, (_, i) => (
      <i key={i} class={i < score ? 'full' : ''} />
    ))}
  </span>
);
