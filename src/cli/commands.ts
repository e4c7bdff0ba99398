import type { Command } from './command.ts';

/** Every command and the file it is in; loaded only when asked for, so that `check` does not load a web server. */
export const COMMANDS = {
  serve: async (): Promise<Command> => (await import('./serve.ts')).serve,
  check: async (): Promise<Command> => (await import('./check.ts')).check,
  copy: async (): Promise<Command> => (await import('./copy.ts')).copy,
  backup: async (): Promise<Command> => (await import('./backup.ts')).backup,
  restore: async (): Promise<Command> => (await import('./restore.ts')).restore,
  repair: async (): Promise<Command> => (await import('./repair.ts')).repair,
  import: async (): Promise<Command> => (await import('./import.ts')).importFiles,
  export: async (): Promise<Command> => (await import('./export.ts')).exportFiles,
  erase: async (): Promise<Command> => (await import('./erase.ts')).erase,
  drill: async (): Promise<Command> => (await import('./drill.ts')).drill,
  'agent add': async (): Promise<Command> => (await import('./agent-add.ts')).agentAdd,
} as const satisfies Record<string, () => Promise<Command>>;

export type CommandName = keyof typeof COMMANDS;

/** Splits a command line into the command, of one or two words, and what follows. */
export const findCommand = (
  args: readonly string[],
): { readonly name: CommandName | undefined; readonly rest: readonly string[] } => {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    if (Object.hasOwn(COMMANDS, name)) return { name: name as CommandName, rest: args.slice(words) };
  }
  return { name: undefined, rest: args };
};
