/** Something in a data directory that its owner should know of, and what a start does about it. */
export interface Finding {
  readonly severity: 'info' | 'warn';
  readonly file: string;
  /** Byte where it begins. */
  readonly offset?: number;
  readonly message: string;
  /** Resolves to where the thing is kept, if it is put aside. */
  readonly repair: () => Promise<string | void>;
}
