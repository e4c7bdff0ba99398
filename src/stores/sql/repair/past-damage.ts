import { GuichetError } from '../../../domain/errors.ts';
import { Damage, type Dialect } from '../dialect.ts';
import type { Ask } from '../reads.ts';
import { type Sql, type SqlRow, sql } from '../sql.ts';

/**
 * What a read answers; `undefined` where the database cannot make sense of what it finds there, however it says so.
 * An outage is none of it, nor is a user who may not read.
 */
export const unlessDamaged = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Damage || (error instanceof GuichetError && error.code === 'internal')) return undefined;
    throw error;
  }
};

/** Of a table that says where it ends, in a log that does not: more is nonsense. */
const PLACES_MAX = 100_000_000;
/** Of a table that does not say it either. */
const PLACES_TRIED = 100_000;
/** Places that a table may have besides those for records, such as blocks with rows that were overwritten. */
const SMALL = 100_000;

/**
 * Every row of a table that can still be read. Where a range of places cannot, it is halved until only what is damaged
 * is left out: so a page that is lost takes nothing with it but its own rows.
 * @param part a SELECT of ours; `alias` is what it calls the table
 * @param size of the log, where that is known: a table whose end is much further off does not know where it ends
 */
export async function* readPastDamage(
  ask: Ask,
  { places }: Dialect,
  { table, alias, part, size }: { table: string; alias: string; part: Sql; size: number | undefined },
): AsyncGenerator<SqlRow> {
  const [found] = (await unlessDamaged(ask(places.last(table)))) ?? [];
  const told = found === undefined ? Number.POSITIVE_INFINITY : Number(found.last ?? 0);
  const isPossible = told <= (size === undefined ? PLACES_MAX : 4 * size + SMALL);
  const end = isPossible ? told : Math.min(size ?? PLACES_TRIED, PLACES_MAX);
  // Ranges that are still to be read, the next one at the end; `(after, through]`.
  const ranges: [number, number][] = [];
  for (let from = 0; from < end; from += places.atOnce) {
    ranges.push([from, Math.min(from + places.atOnce, end)]);
    while (ranges.length > 0) {
      const [after, through] = ranges.pop()!;
      const rows = await unlessDamaged(ask(sql`${part} WHERE ${places.within(alias, after, through)}`));
      if (rows !== undefined) yield* rows;
      else if (through - after > 1) {
        const middle = Math.floor((after + through) / 2);
        ranges.push([middle, through], [after, middle]);
      }
    }
  }
}
