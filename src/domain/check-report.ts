/** One thing that was found; `info` is nothing to worry about, `error` keeps the store from opening or loses something. */
export interface CheckFinding {
  readonly severity: 'info' | 'warn' | 'error';
  /** The file, or the database, it was found in. */
  readonly file: string;
  readonly offset?: number;
  readonly message: string;
}

/** What a store's own verification says of it. */
export interface CheckReport {
  /** No warning and no error. */
  readonly ok: boolean;
  readonly findings: readonly CheckFinding[];
  readonly counts: {
    readonly position: number;
    readonly conversations: number;
    readonly messages: number;
    readonly entries: number;
    /** Of a file store. */
    readonly snapshots: number;
    readonly segments: number;
  };
}

export const NOTHING_COUNTED: CheckReport['counts'] = {
  ...{ position: 0, conversations: 0, messages: 0, entries: 0, snapshots: 0, segments: 0 },
};
