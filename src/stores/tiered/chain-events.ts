import type { LogRecord } from '../../domain/model/record.ts';
import type { Commitment } from '../../domain/store.ts';
import type { Clock } from './clock.ts';
import type { TailBounds } from './tail.ts';

/** What a chain tells its owner. `tier` names one, or several in a list. */
export interface ChainEvent {
  readonly event:
    | 'failed'
    | 'left'
    | 'joined'
    | 'memory'
    | 'durable'
    | 'disagrees'
    | 'not proven'
    | 'proven'
    | 'fenced';
  readonly tier: string;
  readonly error?: unknown;
}

/** Records that a durable tier holds now and that nobody was told of as durable before. */
export interface MadeDurable {
  readonly records: readonly LogRecord[];
  /** False: nobody was shown them yet. */
  readonly shown: boolean;
  readonly commitment: Commitment;
}

export interface ChainOptions {
  readonly clock: Clock;
  readonly tail: TailBounds;
  readonly leaveBehind: readonly string[];
  readonly tell: (event: ChainEvent) => void;
  readonly madeDurable: (made: MadeDurable) => void;
}
