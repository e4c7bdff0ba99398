import { isPublic, type Message } from '../model/message.ts';
import { type LogRecord, makeRecord } from '../model/record.ts';
import { isWrittenByUs } from './shapes.ts';

/** What is said of one position: by one place or by several, which may not say the same. */
export interface Claim {
  /** Each different from the others; what is to be believed rather comes first. */
  readonly records: readonly LogRecord[];
  /** More than one place says it, and all say the same. */
  readonly isAgreed: boolean;
}

/** Which number of which conversation a message has: each has one, and no two the same. */
class Places {
  readonly #ids = new Map<string, string>();
  readonly #places = new Map<string, string>();

  fits({ id, ...place }: Message): boolean {
    const name = nameOf(place);
    return (this.#ids.get(name) ?? id) === id && (this.#places.get(id) ?? name) === name;
  }

  take({ id, ...place }: Message): void {
    this.#ids.set(nameOf(place), id);
    this.#places.set(id, nameOf(place));
  }
}

const nameOf = ({ conversationId, seq }: Omit<Message, 'id'>): string => `${seq} ${conversationId}`;

/**
 * Decides between claims, so that what is left can be one log: no number of a conversation twice, no message in two
 * places, and public numbers that count what is public. Believed first is what two places agree on; then, of two that
 * do not, the one that fits to it and stands as we write. What fits nowhere is left out.
 * @param claims one a position
 * @param isKnown whether a conversation has a record of its own
 * @returns records in order of position, and of which of them another place says something else that is as good
 */
export const settle = (
  claims: readonly Claim[],
  isKnown: (conversationId: string) => boolean,
): { readonly records: LogRecord[]; readonly doubtful: readonly number[] } => {
  const places = new Places();
  const chosen: LogRecord[] = [];
  const doubtful: number[] = [];
  const trust = (record: LogRecord): number =>
    (isWrittenByUs(record) ? 2 : 0) + (record.is('message') && isKnown(record.value.conversationId) ? 1 : 0);
  const choose = ({ records }: Claim): void => {
    const fitting = records.filter((record) => !record.is('message') || places.fits(record.value));
    const [best, other] = fitting.length > 1 ? fitting.toSorted((a, b) => trust(b) - trust(a)) : fitting;
    if (best === undefined) return;
    if (other !== undefined && trust(other) === trust(best)) doubtful.push(best.position);
    if (best.is('message')) places.take(best.value);
    chosen.push(best);
  };
  for (const claim of claims) if (claim.isAgreed) choose(claim);
  for (const claim of claims) if (!claim.isAgreed) choose(claim);
  chosen.sort((a, b) => a.position - b.position);
  const numbers = publicNumbers(chosen);
  const records = chosen.map((record) => {
    if (!record.is('message')) return record;
    const publicSeq = numbers.get(nameOf(record.value))!;
    const { position, time, value } = record;
    return value.publicSeq === publicSeq ? record : makeRecord(position, time, 'message', { ...value, publicSeq });
  });
  return { records, doubtful };
};

/** The public number of every message, as most of the messages around it say. */
const publicNumbers = (records: readonly LogRecord[]): Map<string, number> => {
  const threads = Map.groupBy(
    records.flatMap((record) => (record.is('message') ? [record.value] : [])),
    ({ conversationId }) => conversationId,
  );
  const numbers = new Map<string, number>();
  for (const thread of threads.values()) {
    let [seq, publicSeq] = [0, 0];
    for (const run of runsOf(thread)) {
      const missing = run[0]!.seq - seq - 1;
      const before = Math.min(Math.max(mostSaid(run), publicSeq), publicSeq + missing);
      publicSeq = before;
      for (const message of run) {
        if (isPublic(message)) publicSeq += 1;
        numbers.set(nameOf(message), publicSeq);
        seq = message.seq;
      }
    }
  }
  return numbers;
};

/** Messages of a conversation in order of seq, each once, cut where some are missing. */
const runsOf = (thread: readonly Message[]): Message[][] => {
  const runs: Message[][] = [];
  for (const message of thread.toSorted((a, b) => a.seq - b.seq)) {
    const last = runs.at(-1)?.at(-1);
    if (last?.seq === message.seq) continue;
    if (last !== undefined && message.seq === last.seq + 1) runs.at(-1)!.push(message);
    else runs.push([message]);
  }
  return runs;
};

/** How many public messages are in front of a run, as most of its messages say. */
const mostSaid = (run: readonly Message[]): number => {
  const votes = new Map<number, number>();
  let counted = 0;
  for (const message of run) {
    if (isPublic(message)) counted += 1;
    const before = message.publicSeq - counted;
    votes.set(before, (votes.get(before) ?? 0) + 1);
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
};
