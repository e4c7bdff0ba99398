import { readFileSync } from 'node:fs';
import { UsageError } from '../config/usage-error.ts';
import { plainLine } from '../protocol/plain-line.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';
import { COMMANDS, findCommand } from './commands.ts';
import { failureSentence } from './failure.ts';
import { commandHelp, overview } from './help.ts';
import { explain } from './messages/messages.ts';

const asksFor = (args: readonly string[], ...flags: string[]): boolean => args.some((arg) => flags.includes(arg));

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const dispatch = async (args: readonly string[], context: CommandContext): Promise<ExitCode> => {
  const { name, rest } = findCommand(args);
  if (name) {
    const command = await COMMANDS[name]();
    if (!asksFor(rest, '--help', '-h')) return command.run(rest, context);
    context.stdout.write(`${commandHelp(name, command, context.text)}\n`);
    return EXIT.done;
  }
  if (asksFor(rest, '--help', '-h') || rest[0] === 'help') {
    context.stdout.write(`${overview(context.text)}\n`);
    return EXIT.done;
  }
  if (asksFor(rest, '--version')) {
    context.stdout.write(`${version()}\n`);
    return EXIT.done;
  }
  const [first] = rest;
  if (first !== undefined) throw new UsageError({ code: 'unknown_command', command: first });
  context.stderr.write(`${context.text.help.noCommand}\n`);
  return EXIT.usage;
};

/**
 * Runs one command line. Whatever goes wrong becomes one line on stderr.
 * @returns the exit code: 0 done, 1 failed or refused, 2 wrong usage
 */
export const main = async (args: readonly string[], context: CommandContext): Promise<ExitCode> => {
  try {
    return await dispatch(args, context);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const sentence = isUsage ? explain(context.text, error.problem) : failureSentence(error, context.text);
    // One line whatever a cause may hold: scripts and log collectors read by line, terminals obey control characters.
    context.stderr.write(`${plainLine(sentence.replace(/\s*[\r\n]+\s*/g, ' '))}\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
};
