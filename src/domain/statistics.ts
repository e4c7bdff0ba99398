import { TimeSlice } from '../lib/time-slice.ts';
import type { Statistics } from '../protocol/entities.ts';
import { RATING_MAX } from '../protocol/limits.ts';
import type { ConversationHead } from './model/conversation.ts';
import { dayName, instantOf, placeOf } from './model/wall-clock.ts';
import type { ConversationQuery, Store } from './store.ts';
import { waits } from './waits.ts';

const PAGE = 500;
/** Conversations that are looked at, of those that are open and of those of the period each. More are said to be. */
const LOOKED_AT_MAX = 50_000;
/** Of each: pages in which a first answer is looked for. */
const ANSWER_PAGE = 50;
const ANSWER_PAGES = 10;
/** Upper ends of the groups of answer times, in seconds; the last group has none. */
const GROUPS = [60, 300, 1_800, 7_200, 86_400] as const;

/** What was read out of the messages of a conversation, true for as long as it has no more than these. */
interface Facts {
  readonly seq: number;
  waits?: boolean;
  /** Seconds to the first answer; `null`: there was none yet. */
  answer?: number | null;
}

/**
 * How the desk does: what is open and waits, how long first answers take, what visitors thought, over all of the
 * period. Heads are walked page by page, in slices of time; messages are read once a conversation, and again only where
 * it went on: what was found is remembered.
 */
export class DeskStatistics {
  readonly #store: Store;
  readonly #most: number;
  readonly #facts = new Map<string, Facts>();

  constructor(store: Store, most: number = LOOKED_AT_MAX) {
    this.#store = store;
    this.#most = most;
  }

  /**
   * @param days of how many days, today included, conversations count by when they began
   * @param timezone whose days
   */
  async of(days: number, timezone: string, now: number): Promise<Statistics> {
    const today = placeOf(timezone, now).day;
    const first = today - days + 1;
    const midnights = Array.from({ length: days }, (_, i) => isoOf(instantOf(timezone, first + i, 0)));
    const since = midnights[0]!;
    const active = await this.#heads({ status: 'ACTIVE' }, '');
    const recent = await this.#heads({}, since);
    const begun = recent.heads.filter(({ conversation }) => conversation.createdAt >= since);
    const waiting = await this.#each(active.heads, (head) => this.#waits(head));
    const answers = (await this.#each(begun, (head) => this.#answer(head))).filter((seconds) => seconds !== null);
    const scores = recent.heads.flatMap(({ conversation: { rating } }) =>
      rating && rating.at >= since ? [rating.score] : [],
    );
    const started = midnights.map((_, i) => ({ day: dayName(first + i), count: 0 }));
    for (const { conversation } of begun) {
      const at = midnights.findLastIndex((midnight) => midnight <= conversation.createdAt);
      started[at]!.count += 1;
    }
    return {
      at: isoOf(now),
      since,
      timezone,
      open: { count: active.heads.length, atLeast: active.more },
      waiting: { count: waiting.filter(Boolean).length, atLeast: active.more },
      lookedAt: { count: recent.heads.length, atLeast: recent.more },
      started,
      firstAnswer: {
        count: answers.length,
        medianSeconds: medianOf(answers),
        groups: [...GROUPS, null].map((upTo, i) => ({
          upToSeconds: upTo,
          count: answers.filter((each) => each > (GROUPS[i - 1] ?? -1) && (upTo === null || each <= upTo)).length,
        })),
      },
      ratings: {
        count: scores.length,
        average: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
        byScore: Array.from({ length: RATING_MAX }, (_, i) => scores.filter((score) => score === i + 1).length),
      },
    };
  }

  /** Those with activity since then, newest first; whatever began, or was rated, since then is among them. */
  async #heads(
    which: Pick<ConversationQuery, 'status'>,
    since: string,
  ): Promise<{ heads: ConversationHead[]; more: boolean }> {
    const heads: ConversationHead[] = [];
    const slice = new TimeSlice();
    let cursor: string | null = null;
    do {
      const query = { ...which, limit: PAGE, ...(cursor !== null && { cursor }) };
      const page = await this.#store.conversations(query);
      for (const head of page.conversations) {
        if (head.updatedAt < since) return { heads, more: false };
        if (heads.length === this.#most) return { heads, more: true };
        heads.push(head);
      }
      cursor = page.nextCursor;
      await slice.pause();
    } while (cursor !== null);
    return { heads, more: false };
  }

  async #each<T>(heads: readonly ConversationHead[], find: (head: ConversationHead) => Promise<T>): Promise<T[]> {
    const found: T[] = [];
    const slice = new TimeSlice();
    for (const head of heads) {
      found.push(await find(head));
      await slice.pause();
    }
    return found;
  }

  #factsOf({ conversation: { id }, lastPublicSeq: seq }: ConversationHead): Facts {
    const known = this.#facts.get(id);
    if (known?.seq === seq) return known;
    // Whoever was answered stays so, whatever is written later.
    const facts: Facts = { seq, ...(typeof known?.answer === 'number' && { answer: known.answer }) };
    if (this.#facts.size >= 2 * this.#most) this.#facts.clear();
    this.#facts.set(id, facts);
    return facts;
  }

  async #waits(head: ConversationHead): Promise<boolean> {
    const facts = this.#factsOf(head);
    facts.waits ??= await waits(this.#store, head);
    return facts.waits;
  }

  async #answer(head: ConversationHead): Promise<number | null> {
    const facts = this.#factsOf(head);
    if (facts.answer === undefined) facts.answer = await this.#readAnswer(head);
    return facts.answer;
  }

  /** Seconds from the visitor's first message to the first answer behind it; `null` where there is none yet. */
  async #readAnswer({ conversation }: ConversationHead): Promise<number | null> {
    let asked: string | undefined;
    for (let page = 0, after = 0; page < ANSWER_PAGES; page += 1) {
      const range = { after, limit: ANSWER_PAGE, public: true };
      const { messages, hasMore } = await this.#store.messages(conversation.id, range);
      for (const { value } of messages) {
        if (value.senderType === 'USER') asked ??= value.createdAt;
        else if (value.senderType === 'AGENT' && asked !== undefined) {
          return Math.max(0, Math.round((Date.parse(value.createdAt) - Date.parse(asked)) / 1000));
        }
      }
      if (!hasMore) break;
      after = messages.at(-1)!.value.publicSeq;
    }
    return null;
  }
}

const isoOf = (time: number): string => new Date(time).toISOString();

const medianOf = (values: readonly number[]): number | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
};
