import type { Logger } from 'pino';
import type { Attachments } from '../domain/attachments/attachments.ts';
import type { Chat } from '../domain/chat.ts';
import type { Erasure } from '../domain/model/erased.ts';
import type { KeptList } from '../lib/kept-list.ts';
import type { Live } from '../live/live.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Origins } from './auth/origins.ts';
import type { SetUpLink } from './auth/set-up-link.ts';
import type { VisitorDoor } from './auth/visitor-door.ts';
import type { Budgets } from './budgets.ts';
import type { Metrics } from './metrics.ts';

/** What the server is told from outside. */
export interface HttpOptions {
  readonly publicUrl: string | null;
  readonly trustProxy: boolean | number | readonly string[];
  readonly allowedOrigins: readonly string[] | null;
  readonly adminToken: string | null;
}

/** What calls are served with, once the store is open. */
export interface Running {
  readonly chat: Chat;
  readonly attachments: Attachments;
  readonly live: Live;
  readonly authenticator: Authenticator;
  readonly visitors: VisitorDoor;
  /** What second factors are sealed with. */
  readonly secondFactorKey: string;
  /** Who was erased, outside the log: a restore must not bring them back. */
  readonly erasures: KeptList<Erasure>;
  /** There while nobody can sign in. */
  readonly setUpLink: SetUpLink | undefined;
}

/** How the backups are. */
export interface Backups {
  /** The last one that was read back. */
  readonly last: { readonly position: number; readonly at: number } | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
}

/** The surroundings of the HTTP side. */
export interface HttpContext {
  readonly options: HttpOptions;
  readonly log: Logger;
  readonly origins: Origins;
  readonly budgets: Budgets;
  readonly metrics: Metrics;
  /** Absent where nothing is kept that could be backed up. */
  readonly backups?: Backups | undefined;
  /** Where the built pages are. */
  readonly webRoot: string;
  /** Throws the outage for as long as the store cannot be opened, and `closing` at the end. */
  running(): Running;
}
