import type { SearchPlace, SearchPlan } from '../../../domain/state/message-search.ts';
import type { Statement } from '../dialect.ts';
import type { Ask } from '../reads.ts';

/** A message as it is put into an index. */
export interface SearchRow extends SearchPlace {
  /** See `keyOf`. */
  readonly key: string;
  /** Its words, each once; at least one. */
  readonly words: readonly string[];
}

/** A message that was found: it has to be read before it is shown. */
export type FoundRow = Pick<SearchRow, 'key' | 'at' | 'position'>;

/** How a database finds words. Its tables hold nothing that does not follow from the messages. */
export interface SearchDialect {
  /** What makes the tables; every statement may be run again. */
  readonly tables: readonly string[];
  readonly dropTables: readonly string[];
  /** Statements that put messages in, in order of position; those that are in already are replaced. */
  add(rows: readonly SearchRow[]): readonly Statement[];
  /** Statements that take messages out, so that nothing of their words stays. */
  remove(rows: readonly FoundRow[]): readonly Statement[];
  /**
   * The newest messages that may hold these words, newest first, at most `limit`; fewer only when there are no more.
   * All that hold them are among those of all pages; where the index knows words in part only, others may be too.
   */
  find(ask: Ask, plan: Pick<SearchPlan, 'terms' | 'behind'>, limit: number): Promise<readonly FoundRow[]>;
}
