/**
 * Everything that can be wrong with a command line or an environment, as data: each language of src/cli/messages
 * turns it into one sentence. `flag` is the name a person typed: `--port`, or `PORT` from the environment.
 */
export type UsageProblem =
  | { code: 'unknown_command'; command: string }
  | { code: 'unknown_flag'; flag: string }
  | { code: 'repeated_flag'; flag: string }
  | { code: 'missing_flag'; flag: string }
  | { code: 'missing_value'; flag: string }
  | { code: 'unexpected_value'; flag: string }
  | { code: 'unexpected_argument'; argument: string }
  | { code: 'not_a_number'; flag: string; value: string; min: number; max: number }
  | { code: 'not_one_of'; flag: string; value: string; choices: readonly string[] }
  | { code: 'not_a_moment'; flag: string; value: string }
  | { code: 'not_a_time'; flag: string; value: string }
  | { code: 'not_a_zone'; flag: string; value: string }
  | { code: 'not_an_origin'; flag: string; value: string }
  | { code: 'not_a_proxy'; flag: string; value: string }
  | { code: 'not_a_media_type'; flag: string; value: string }
  | { code: 'plain_http'; flag: string; value: string }
  | { code: 'not_an_email'; flag: string; value: string }
  | { code: 'bad_name'; flag: string; max: number }
  | { code: 'bad_password'; min: number; max: number }
  | { code: 'nothing_to_import'; flag: string; dir: string }
  | { code: 'short_secret'; flag: string; min: number }
  | { code: 'secrets_needed'; missing: readonly string[]; store: string; min: number }
  | { code: 'store_unknown'; store: string }
  | { code: 'store_incomplete'; store: string; example: string }
  | { code: 'store_repeated'; store: string }
  | { code: 'store_memory_not_last' }
  | { code: 'store_single'; flag: string }
  | { code: 'store_not_kept'; flag: string };

/** Wrong usage: the program stops with exit 2 and the sentence for `problem`. Carries no secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly problem: UsageProblem;

  constructor(problem: UsageProblem) {
    super(problem.code);
    this.problem = problem;
  }
}
