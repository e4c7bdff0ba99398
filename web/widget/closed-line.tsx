import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Conversation } from '../../src/protocol/entities.ts';
import { RATING_COMMENT_MAX, RATING_MAX } from '../../src/protocol/limits.ts';
import type { common } from '../shared/i18n/en/common.ts';
import type { widget } from '../shared/i18n/en/widget.ts';
import type { Desk } from './desk.ts';

interface ClosedLineProps {
  desk: Desk;
  conversation: Conversation;
  words: typeof widget & typeof common;
}

const SCORES = Array.from({ length: RATING_MAX }, (_, index) => index + 1);

/** Under a closed conversation: how to go on, and what the visitor thought of it. */
export const ClosedLine = ({ desk, conversation, words }: ClosedLineProps): JSX.Element => (
  <div class="closed-line">
    {desk.info?.rating && <Rating key={conversation.id} desk={desk} conversation={conversation} words={words} />}
    <p>
      {words.closed}{' '}
      <button type="button" class="link" onClick={() => desk.select(undefined)}>
        {words.startNew}
      </button>
      .
    </p>
  </div>
);

const Rating = ({ desk, conversation, words }: ClosedLineProps): JSX.Element => {
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState('');
  const [failed, setFailed] = useState(false);
  if (conversation.rating) return <p role="status">{words.rated}</p>;
  const send = async (): Promise<void> => {
    setFailed(false);
    await desk.rate(conversation.id, score, comment.trim()).catch(() => setFailed(true));
  };
  return (
    <form
      class="rating"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset>
        <legend>{words.rate}</legend>
        {SCORES.map((each) => (
          <label class={each <= score ? 'score on' : 'score'} key={each}>
            <input type="radio" name="score" value={each} checked={each === score} onChange={() => setScore(each)} />
            <span aria-hidden="true">★</span>
            <span class="hidden">{words.score(each, RATING_MAX)}</span>
          </label>
        ))}
      </fieldset>
      {score > 0 && (
        <div class="rating-more">
          <input
            class="input"
            aria-label={words.rateWhy}
            placeholder={words.rateWhy}
            maxLength={RATING_COMMENT_MAX}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          <button type="submit" class="button primary">
            {words.send}
          </button>
        </div>
      )}
      {failed && <p role="alert">{words.rateFailed}</p>}
    </form>
  );
};
