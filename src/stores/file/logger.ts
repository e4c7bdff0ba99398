/** Where the store tells its owner what it found and did; whole sentences. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const SILENT: Logger = { info: () => {}, warn: () => {}, error: () => {} };
