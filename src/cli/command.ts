import type { FlagTable } from '../config/flags.ts';
import type { Messages } from './messages/messages.ts';

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where text goes: stdout and stderr, or what a test puts in their place. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What a command works with, so that none reaches for globals. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly text: Messages;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** One command, in a file of its own. */
export interface Command {
  readonly flags: FlagTable;
  /** Flags without which the command has nothing to do, for the usage line. */
  readonly required: readonly string[];
  /** What stands behind the name of the command without a flag, for the usage line. */
  readonly about?: string;
  /**
   * Does it. A result of another kind than done is explained by an exception: a UsageError (exit 2) or any other
   * error (exit 1), whose sentence the caller prints.
   */
  run(args: readonly string[], context: CommandContext): Promise<ExitCode>;
}
