import type { Change, Done } from './change.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Store } from './store.ts';

/** What every action works on: the store to read, and the queue in front of it to write. */
export interface Chat {
  readonly store: Store;
  readonly log: GroupCommit;
}

/** What actions that only write need of a chat: it may be that of another process. */
export interface Committing {
  readonly log: { commit(change: Change): Promise<{ readonly done: Pick<Done, 'added' | 'repeated'> }> };
}
