import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandContext } from './command.ts';

/** Longest line taken from a pipe: whatever is longer is no password, and must not fill the memory. */
const LINE_MAX = 4096;

const firstLine = async (input: AsyncIterable<string | Buffer>): Promise<string> => {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.includes('\n') || text.length > LINE_MAX) break;
  }
  return text.split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
};

const ask = async ({ stdin, stderr }: CommandContext, question: string): Promise<string> => {
  stderr.write(question);
  // The line editor echoes into this, and so nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input: stdin, output: nowhere, terminal: true });
  // Raw mode turns Ctrl-C into a key; give it back its meaning.
  editor.once('SIGINT', () => {
    editor.close();
    process.kill(process.pid, 'SIGINT');
  });
  try {
    return await editor.question('');
  } finally {
    editor.close();
    stderr.write('\n');
  }
};

/**
 * Reads a new password: on a terminal twice and without echo, else the first line of stdin.
 * @returns undefined when the two differ
 */
export const readPassword = async (context: CommandContext): Promise<string | undefined> => {
  const { stdin, text } = context;
  if (!stdin.isTTY) return firstLine(stdin);
  const first = await ask(context, `${text.password.ask} `);
  const again = await ask(context, `${text.password.again} `);
  return first === again ? first : undefined;
};
