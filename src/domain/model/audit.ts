/** Everything that is noted down as done by somebody. */
export type AuditAction =
  | 'signIn'
  | 'signOut.others'
  | 'password.change'
  | 'password.reset'
  | 'password.resetLink'
  | 'twoFactor.on'
  | 'twoFactor.off'
  | 'apiKey.add'
  | 'apiKey.revoke'
  | 'agent.add'
  | 'agent.change'
  | 'settings.change'
  | 'message.redact'
  | 'visitor.change'
  | 'visitor.merge'
  | 'visitor.revoke'
  | 'visitor.block'
  | 'visitor.unblock'
  | 'address.block'
  | 'address.unblock'
  | 'visitor.erase'
  | 'visitor.export'
  | 'retention.change'
  | 'retention.run'
  | 'history.purge';

/** What a change asks to be noted down with it. */
export interface AuditNote {
  readonly by: { readonly type: 'visitor' | 'agent' | 'system'; readonly id: string };
  readonly action: AuditAction;
  /** Id of what it was done to; no name, which may have to be erased one day. */
  readonly about: string | null;
  /** Figures and names of fields; never a secret, never what somebody wrote. */
  readonly detail?: string;
}

/** One line of the audit log. `id` is its place in the ring, or `head` for a copy of the newest. */
export interface AuditEntry extends AuditNote {
  readonly id: string;
  /** +1 a line, from 1. */
  readonly number: number;
  readonly at: string;
}

/**
 * Lines kept. The directory lives in memory and forgets nothing, so the audit log is a ring: a new line takes the
 * place of the oldest. Older ones are in the journal and in backups for as long as these are kept.
 */
export const AUDIT_KEPT = 5000;

/** The newest line, under an id of its own: what the next number is taken from. */
export const AUDIT_HEAD = 'head';
