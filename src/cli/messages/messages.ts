import type { SERVE_FLAGS } from '../../config/config.ts';
import type { UsageProblem } from '../../config/usage-error.ts';
import type { StoreTrouble } from '../../domain/store-problem.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/** One sentence for each way of wrong usage. */
export type UsageText = {
  readonly [K in UsageProblem['code']]: (problem: Extract<UsageProblem, { code: K }>) => string;
};

/** One sentence for each refusal of a command on a whole store. */
export type TroubleText = {
  readonly [K in StoreTrouble['code']]: (trouble: Extract<StoreTrouble, { code: K }>) => string;
};

/** What each flag of any command is for, in a few words. */
export type FlagText = Readonly<
  Record<
    | keyof typeof SERVE_FLAGS
    | 'json'
    | 'from'
    | 'to'
    | 'at'
    | 'dry-run'
    | 'accept-loss'
    | 'purge'
    | 'current'
    | 'email'
    | 'name'
    | 'role',
    string
  >
>;

/** Everything the command line says; a language that lacks something is a type error. */
export type Messages = typeof en;

/** The language of the terminal, by the variables every system uses for it, in their order of precedence. */
export const messagesFor = (env: Readonly<Record<string, string | undefined>>): Messages => {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^fr(?:[^a-z]|$)/i.test(locale) ? fr : en;
};

/** The sentence for a problem. */
export const explain = (text: Messages, problem: UsageProblem): string =>
  (text.usage[problem.code] as (problem: UsageProblem) => string)(problem);

/** The sentence for a refusal. */
export const explainTrouble = (text: Messages, trouble: StoreTrouble): string =>
  (text.trouble[trouble.code] as (trouble: StoreTrouble) => string)(trouble);
