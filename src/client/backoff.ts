export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  baseMs?: number;
  /** Upper bound of every delay, in milliseconds. */
  capMs?: number;
  random?: (() => number) | undefined;
}

/** Below this a row of lucky draws would turn waiting into a busy loop. */
const FLOOR_MS = 100;

/**
 * How long to wait before attempt number `attempt` (from 0): exponential with full jitter, so that the clients of a
 * server that comes back do not all arrive in the same instant. (Brooker, "Exponential Backoff And Jitter", 2015.)
 */
export const backoffMs = (
  attempt: number,
  { baseMs = 500, capMs = 10_000, random = Math.random }: BackoffOptions = {},
): number => FLOOR_MS + random() * (Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)) - FLOOR_MS);
