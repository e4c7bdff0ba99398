import { PassThrough } from 'node:stream';
import { main } from '../../src/cli/main.ts';
import { messagesFor } from '../../src/cli/messages/messages.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with nothing of its surroundings but what is given here. */
export const runCli = async (
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<CliResult> => {
  let stdout = '';
  let stderr = '';
  const stdin = new PassThrough();
  stdin.end(input);
  const code = await main(args, {
    env,
    text: messagesFor(env),
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
};
