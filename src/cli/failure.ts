import { GuichetError } from '../domain/errors.ts';
import { StoreProblem } from '../domain/store-problem.ts';
import { explainTrouble, type Messages } from './messages/messages.ts';

interface ListenError {
  readonly code: string;
  readonly port?: number;
  readonly address?: string;
  readonly hostname?: string;
}

const isListenError = (error: unknown): error is ListenError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** What went wrong, for the person at the keyboard: what to do where that is known, never a stack. */
export const failureSentence = (error: unknown, text: Messages): string => {
  if (error instanceof StoreProblem) return explainTrouble(text, error.trouble);
  if (error instanceof GuichetError) return error.message;
  if (isListenError(error)) {
    const { code, port = 0, address, hostname } = error;
    if (code === 'EADDRINUSE') return text.failure.portInUse(port);
    if (code === 'EACCES' && port > 0) return text.failure.portForbidden(port);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return text.failure.badHost(hostname ?? address ?? '');
  }
  return text.failure.internal(error instanceof Error ? error.message : String(error));
};
