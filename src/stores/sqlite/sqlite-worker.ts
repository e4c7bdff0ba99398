import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';

/** One statement of a request; with `rows` it is run for each of them and answers nothing. */
export interface Step {
  readonly text: string;
  readonly values?: readonly (string | number | null)[];
  readonly rows?: readonly (readonly (string | number | null)[])[];
}

export type Request =
  | { readonly id: number; readonly open: { readonly path: string; readonly isWriter: boolean } }
  | { readonly id: number; readonly steps: readonly Step[] }
  /** A transaction; `guard` fails by a NULL where none is taken when nothing is to be kept. */
  | { readonly id: number; readonly guard: Step; readonly steps: readonly Step[] }
  | { readonly id: number; readonly close: true };

export type Answer =
  | { readonly id: number; readonly results: readonly (readonly Record<string, string | number | null>[])[] }
  | { readonly id: number; readonly error: Failure };

interface Failure {
  readonly message: string;
  readonly code: number | undefined;
  /** Set when nobody knows what is on the disk. */
  readonly isOpen?: boolean;
}

const NOT_NULL = 1299;

/** Texts of statements differ little; the bound is for those that are put together by hand. */
const STATEMENTS_KEPT = 300;

let database: DatabaseSync | undefined;
const statements = new Map<string, StatementSync>();

const prepared = (text: string): StatementSync => {
  let statement = statements.get(text);
  if (statement === undefined) {
    if (statements.size >= STATEMENTS_KEPT) statements.clear();
    statement = database!.prepare(text);
    statements.set(text, statement);
  }
  return statement;
};

const runStep = ({ text, values = [], rows }: Step): Record<string, string | number | null>[] => {
  const statement = prepared(text);
  if (rows === undefined) return statement.all(...values) as Record<string, string | number | null>[];
  // Not `run`: it answers the last row id, and those of the index for searches do not fit a number.
  for (const row of rows) statement.all(...row);
  return [];
};

/** What ended a transaction badly: whether it is on the disk, who reads it next finds out. */
class Open extends Error {}

const commitIf = (guard: Step, steps: readonly Step[]): boolean => {
  const end = (text: string): void => {
    try {
      prepared(text).all();
    } catch (cause) {
      throw new Open('', { cause });
    }
  };
  prepared('BEGIN IMMEDIATE').all();
  try {
    runStep(guard);
  } catch (error) {
    end('ROLLBACK');
    if ((error as { errcode?: number }).errcode === NOT_NULL) return false;
    throw error;
  }
  try {
    steps.forEach(runStep);
  } catch (error) {
    end('ROLLBACK');
    throw error;
  }
  end('COMMIT');
  return true;
};

const work = (request: Request): readonly Record<string, string | number | null>[][] => {
  if ('open' in request) {
    const { path, isWriter } = request.open;
    database = new DatabaseSync(path, { timeout: 10_000, readOnly: !isWriter });
    return [];
  }
  if ('guard' in request) return [[{ kept: commitIf(request.guard, request.steps) ? 1 : 0 }]];
  if ('steps' in request) return request.steps.map(runStep);
  statements.clear();
  database?.close();
  database = undefined;
  return [];
};

parentPort!.on('message', (request: Request) => {
  let answer: Answer;
  try {
    answer = { id: request.id, results: work(request) };
  } catch (error) {
    const isOpen = error instanceof Open;
    const { message, errcode: code } = (isOpen ? error.cause : error) as Error & { errcode?: number };
    answer = { id: request.id, error: { message, code, isOpen } };
  }
  parentPort!.postMessage(answer);
});
