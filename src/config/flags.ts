import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** One flag of a command. A flag without `env` can only be given on the command line. */
export interface FlagSpec {
  readonly env?: string;
  /** What stands for the value in the help; none for a switch. */
  readonly placeholder?: string;
  /** Shown in the help. */
  readonly default?: string;
}
export type FlagTable = Readonly<Record<string, FlagSpec>>;

export interface FlagValue {
  /** As the person gave it: `--port` or `PORT`. */
  readonly flag: string;
  readonly value: string;
}
/** Values by flag name, without the dashes. A switch that was given holds an empty value. */
export type FlagValues<T extends FlagTable> = Readonly<Partial<Record<keyof T & string, FlagValue>>>;

/**
 * Reads a command line strictly, then fills in from the environment what it does not say. An empty environment
 * variable is as good as none.
 * @throws UsageError for anything unknown, given twice, incomplete or superfluous
 */
export const readFlags = <T extends FlagTable>(
  table: T,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FlagValues<T> => {
  const names = Object.keys(table);
  const options = Object.fromEntries(
    names.map((name) => [name, { type: table[name]?.placeholder ? ('string' as const) : ('boolean' as const) }]),
  );
  // Not strict, because strict parsing explains itself in English only and by exceptions without data.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const values: Record<string, FlagValue> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError({ code: 'unexpected_argument', argument: token.value });
    if (token.kind !== 'option') continue;
    const flag = token.rawName;
    const spec = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (!spec || !flag.startsWith('--')) throw new UsageError({ code: 'unknown_flag', flag });
    if (values[token.name]) throw new UsageError({ code: 'repeated_flag', flag });
    if (spec.placeholder === undefined) {
      if (token.value !== undefined) throw new UsageError({ code: 'unexpected_value', flag });
    } else if (!token.value || (!token.inlineValue && token.value.startsWith('--'))) {
      throw new UsageError({ code: 'missing_value', flag });
    }
    values[token.name] = { flag, value: token.value ?? '' };
  }
  for (const name of names) {
    const variable = table[name]?.env;
    const value = variable === undefined ? undefined : env[variable];
    if (variable && value && !values[name]) values[name] = { flag: variable, value };
  }
  return values as FlagValues<T>;
};
