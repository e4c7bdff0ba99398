import { GuichetError } from './errors.ts';

/** Every position from one to the other can be had; times in epoch ms. */
export interface Reach {
  readonly from: number;
  readonly fromTime: number;
  readonly to: number;
  readonly toTime: number;
}

/**
 * Why a command on a whole store was refused, as data: each language of src/cli/messages has a sentence for it.
 * `store` and `dir` are names for people, without secrets.
 */
export type StoreTrouble =
  | { code: 'target_holds_other'; store: string }
  | { code: 'target_is_plain'; store: string; dir: string }
  | { code: 'copy_differs'; store: string; what: string }
  | { code: 'not_empty'; dir: string }
  | { code: 'backup_differs'; dir: string }
  | { code: 'no_history'; dir: string }
  | { code: 'would_lose'; changes: number }
  | { code: 'repair_needs_target'; store: string }
  | { code: 'repair_in_place'; store: string }
  | { code: 'log_unknown'; store: string }
  | { code: 'contradicts'; store: string; what: string }
  | { code: 'past_damaged'; what: string }
  | { code: 'past_not_kept'; at: string; reach: readonly Reach[] };

/** A refusal that the owner of a store is told in a sentence of their language. */
export class StoreProblem extends GuichetError {
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, options?: { cause?: unknown }) {
    super('refused', undefined, options);
    this.trouble = trouble;
  }
}
