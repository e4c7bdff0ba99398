import { GuichetError } from '../../domain/errors.ts';
import { Damage } from '../sql/dialect.ts';
import { bareCause } from '../sql/pooled-driver.ts';

/** What the owner has to do something about, by SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'it does not let this user in',
  '3D000': 'it has no database of this name',
  '42501': 'this user may not do what is needed there',
};
const DAMAGED: Readonly<Record<string, string>> = {
  XX001: 'its files are damaged',
  XX002: 'its indexes are damaged',
};
/** Classes of SQLSTATE that pass: connection, resources, locks, what the operator does, the machine below. */
const OUTAGES = /^(?:08|53|55|57|58|40|25)/;
const DISK_FULL = '53100';
/** The two sides do not agree on TLS: waiting does not help. */
const TLS = /SSL|TLS|CERT|certificate/i;

/** Classes behind which a commit may have been under way: connection, the operator, the machine below, damage. */
const UNDECIDED = /^(?:08|57|58|XX)|^40003/;

/** The SQLSTATE of an answer of the server; none for what went wrong on the way to it. */
const stateOf = (thrown: unknown): string | undefined => {
  const { code = '' } = thrown as { code?: string };
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : undefined;
};

/** Whether an error is the server's word that it keeps nothing of what it was sent. */
export const isRolledBack = (thrown: unknown): boolean => {
  const state = stateOf(thrown);
  return state !== undefined && !UNDECIDED.test(state);
};

/** An error of `pg`, as an error of the registry. The cause is for the log, and holds no password. */
export const postgresError = (thrown: unknown, name: string): GuichetError => {
  if (thrown instanceof GuichetError) return thrown;
  const cause = bareCause(thrown);
  const state = stateOf(thrown);
  if (state === undefined) {
    if (TLS.test(`${cause.code} ${cause.message}`)) {
      return new GuichetError('refused', `${name} and this server do not agree on TLS: ${cause.message}`, { cause });
    }
    // Not an answer of the server: it cannot be reached, or was lost.
    return new GuichetError('unavailable', undefined, { cause });
  }
  const refusal = REFUSALS[state];
  if (refusal !== undefined) return new GuichetError('refused', `${name} cannot be used: ${refusal}.`, { cause });
  const damage = DAMAGED[state];
  if (damage !== undefined) return new Damage(`${name} cannot be used: ${damage}.`, { cause });
  if (state === DISK_FULL) return new GuichetError('storage_full', undefined, { cause });
  return new GuichetError(OUTAGES.test(state) ? 'unavailable' : 'internal', undefined, { cause });
};
