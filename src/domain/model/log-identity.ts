import { randomUUIDv7 } from 'node:crypto';

/** Which log a keeper keeps. */
export interface LogIdentity {
  /** Made once, when the log begins. */
  readonly id: string;
  /** Rises with each restore to the past or accepted loss: cursors of before are told to start again. */
  readonly rewinds: number;
}

/** The identity as one word on the wire: `<id>.<rewinds>`. */
export const logName = (log: LogIdentity): string => `${log.id}.${log.rewinds}`;

export const sameLog = (a: LogIdentity, b: LogIdentity): boolean => a.id === b.id && a.rewinds === b.rewinds;

/** When a log began, epoch ms: the id that {@link newLogIdentity} makes tells it. 0 for another's. */
export const bornAt = ({ id }: LogIdentity): number =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;

/** 2025-01-01T00:00:00Z in epoch ms. */
const REWINDS_SINCE = 1_735_689_600_000;

/**
 * The identity of a log from now on, when its end was given up: by a restore to the past, or an accepted loss. Rises
 * at least by one, and to the seconds since 2025: two restores from one backup are two different pasts, and a cursor of
 * the first must not pass for one of the second.
 * @param now epoch ms
 */
export const rewound = (log: LogIdentity, now = Date.now()): LogIdentity => ({
  id: log.id,
  rewinds: Math.max(log.rewinds + 1, Math.floor((now - REWINDS_SINCE) / 1000)),
});

/** The identity of a log that begins now. */
export const newLogIdentity = (): LogIdentity => ({ id: randomUUIDv7(), rewinds: 0 });
