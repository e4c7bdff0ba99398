import { SECRET_VARIABLES } from '../config/config.ts';
import type { FlagSpec, FlagTable } from '../config/flags.ts';
import type { Command } from './command.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import type { FlagText, Messages } from './messages/messages.ts';

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`.trimEnd()).join('\n');
};

/** The page of `guichet --help`. */
export const overview = (text: Messages): string => {
  const names = Object.keys(COMMANDS) as CommandName[];
  return [
    text.help.intro,
    `${text.help.usage}: guichet COMMAND [--flag VALUE]...`,
    `${text.help.commands}:\n${columns(names.map((name) => [name, text.commands[name]]))}`,
    `${text.help.more}\n${text.help.exit}`,
  ].join('\n\n');
};

const written = (name: string, { placeholder }: FlagSpec): string =>
  placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;

const flagRows = (flags: FlagTable, text: Messages): (readonly [string, string])[] =>
  Object.entries(flags).map(([name, spec]) => {
    const notes = [spec.env, spec.default && `${text.help.default}: ${spec.default}`].filter(Boolean).join(', ');
    return [written(name, spec), `${text.flags[name as keyof FlagText]}${notes && ` [${notes}]`}`];
  });

/** The page of `guichet COMMAND --help`. */
export const commandHelp = (name: CommandName, { flags, required, about }: Command, text: Messages): string => {
  const first = about === undefined ? '' : ` ${about}`;
  const needed = required.map((flag) => ` ${written(flag, flags[flag] ?? {})}`).join('');
  const fromEnvironment = Object.values(flags).some((spec) => spec.env !== undefined && spec !== flags.store);
  return [
    `guichet ${name}: ${text.commands[name]}`,
    `${text.help.usage}: guichet ${name}${first}${needed} [--flag VALUE]...`,
    `${text.help.flags}:\n${columns(flagRows(flags, text))}`,
    ...(fromEnvironment ? [`${text.help.environment}: ${SECRET_VARIABLES.join(', ')} (${text.help.secrets})`] : []),
    text.help.exit,
  ].join('\n\n');
};
