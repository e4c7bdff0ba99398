import type { ErasedHere } from '../../app.ts';
import type { EraseHow } from '../../domain/actions/erase-visitor.ts';
import type { Change } from '../../domain/change.ts';
import type { ErrorCode } from '../../domain/errors.ts';

/** Raised when a frame changes its meaning; a command of another version is refused in a sentence. */
export const CONTROL_VERSION = 1;

/** What a command asks of the server that holds its store: one JSON object a line, answered in order. */
export type ControlCall =
  | { readonly call: 'hello'; readonly version: number }
  | { readonly call: 'commit'; readonly change: Change }
  | ({ readonly call: 'erase'; readonly id: string } & EraseHow);

/** What is answered to each. */
export interface ControlAnswers {
  readonly hello: Record<string, never>;
  readonly commit: { readonly added: number; readonly repeated: boolean };
  readonly erase: ErasedHere;
}

export type ControlAnswer =
  | { readonly ok: ControlAnswers[ControlCall['call']] }
  | { readonly error: { readonly code: ErrorCode; readonly detail: string | undefined } };
