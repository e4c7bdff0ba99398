import type { Mutant } from './mutants.ts';

const SALVAGE = 'src/domain/repair/salvage.ts';
const REMAINS = 'src/stores/sql/repair/sql-remains.ts';
const PAST_DAMAGE = 'src/stores/sql/repair/past-damage.ts';
const SQL_TESTS = ['src/stores/sql/repair/sql-remains.test.ts'];
const COMMAND_TESTS = ['src/cli/repair.test.ts'];

/** What keeps a repair from losing more than is lost, from hiding what is, and from bringing back what was erased. */
export const REPAIR_MUTANTS: readonly Mutant[] = [
  {
    name: 'BK-19: a range that cannot be read is halved',
    file: PAST_DAMAGE,
    from: 'else if (through - after > 1) {',
    to: 'else if (through - after > 5000) {',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-18: what the history has is taken as well',
    file: REMAINS,
    from: '  for await (const row of rows(HISTORY)) {',
    to: '  for await (const row of [] as SqlRow[]) {',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-18: a gap in the history counts as lost',
    file: REMAINS,
    from: '        at = record.position - 1;',
    to: '',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-18: messages that are missing at the end of a conversation',
    file: SALVAGE,
    from: '  if (counted !== undefined) close(counted, counted.updatedAt);',
    to: '',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-19: what came from before the history counts as lost',
    file: SALVAGE,
    from: 'base < (lacking?.through ?? 0) ? lacking!.entities : 0',
    to: '0',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-20: rows that cannot be records',
    file: REMAINS,
    from: '    return isWhole ? record : undefined;',
    to: '    return record;',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-21: nobody may write meanwhile',
    file: REMAINS,
    from: 'if (head?.position !== now?.position || head?.epoch !== now?.epoch) {',
    to: 'if (head?.position !== now?.position) {',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-14: what is lost needs consent',
    file: 'src/cli/repair.ts',
    from: '  if (salvaged.lost > 0 && !acceptLoss) throw',
    to: '  if (salvaged.lost > 99 && !acceptLoss) throw',
    tests: COMMAND_TESTS,
  },
  {
    name: 'BK-21: what was erased stays erased',
    file: 'src/cli/repair.ts',
    from: 'as: (_, target) => asRestored(without, target),',
    to: 'as: (all, target) => asRestored(all, target),',
    tests: COMMAND_TESTS,
  },
  {
    name: 'BK-21: a log that lost something is another past',
    file: 'src/cli/repair.ts',
    from: 'await copyInto(into, to, await rewoundFor(to, log), context, {',
    to: 'await copyInto(into, to, log, context, {',
    tests: COMMAND_TESTS,
  },
];
