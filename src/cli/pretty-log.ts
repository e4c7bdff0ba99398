import pino, { type DestinationStream } from 'pino';
import pretty from 'pino-pretty';
import { spelled } from './spelled.ts';

/** Everything in a log entry without a character that could pass for another entry; a stack keeps its own lines. */
const tamed = (value: unknown, key = ''): unknown => {
  if (typeof value === 'string') return (key === 'stack' ? value.split('\n') : [value]).map(spelled).join('\n');
  if (Array.isArray(value)) return value.map((each) => tamed(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [spelled(name), tamed(inner, name)]));
};

/** The stack of an error and of its causes, each message in one line: what came with a call ends up in messages. */
const stackOf = (error: Error): string => {
  const { message, stack = '', cause } = error;
  const own = stack.replace(message, () => spelled(message));
  return cause instanceof Error ? `${own}\ncaused by: ${stackOf(cause)}` : own;
};

/** To be given to pino beside {@link prettyLines}. */
export const prettySerializers = {
  err: (error: unknown): unknown =>
    error instanceof Error ? { ...pino.stdSerializers.err(error), stack: stackOf(error) } : error,
};

/**
 * Log lines for people at a terminal. What visitors send (names, addresses, what a browser calls itself, texts of
 * errors) moves no cursor there, colours nothing and makes no line that the server did not write.
 * @param to a file descriptor, or what a test puts in its place
 * @param colorize by default as the terminal can
 */
export const prettyLines = (to: number | NodeJS.WritableStream, colorize?: boolean): DestinationStream => {
  const colours = colorize === undefined ? {} : { colorize };
  const lines = pretty({ sync: true, translateTime: 'SYS:HH:MM:ss', destination: to, ...colours });
  return { write: (line) => void lines.write(`${JSON.stringify(tamed(JSON.parse(line)))}\n`) };
};
