import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogLevel } from '../config/config.ts';
import type { Output } from './command.ts';
import { spelled } from './spelled.ts';

/**
 * JSON lines as pino makes them. JSON lets characters through to which a terminal listens (U+009B begins a command);
 * escaped they mean the same to whoever parses a line.
 */
export const jsonLines = (to: DestinationStream): DestinationStream => ({
  write: (line) => to.write(`${spelled(line.slice(0, -1))}\n`),
});

/** JSON lines on stdout, readable ones on a terminal. */
export const createLog = async (level: LogLevel, stdout: Output): Promise<Logger> => {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  if (stdout.isTTY) {
    const { prettyLines, prettySerializers } = await import('./pretty-log.ts');
    return pino({ ...options, serializers: prettySerializers }, prettyLines(1));
  }
  const lines = pino.destination({ fd: 1, sync: true });
  // Whoever read our log may be gone (a closed pipe, a full disk behind it): a chat goes on without a log.
  lines.on('error', () => {});
  return pino(options, jsonLines(lines));
};
