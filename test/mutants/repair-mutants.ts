import type { Mutant } from './mutants.ts';

const SALVAGE = 'src/domain/repair/salvage.ts';
const REMAINS = 'src/stores/sql/repair/sql-remains.ts';
const PAST_DAMAGE = 'src/stores/sql/repair/past-damage.ts';
const SETTLE = 'src/domain/repair/settle.ts';
const SETTLE_TESTS = ['src/domain/repair/settle.test.ts'];
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
    from: 'lost: Math.max(lost, marks.length, unsure),',
    to: 'lost: Math.max(lost, marks.length),',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-20: numbers that no log has',
    file: 'src/domain/repair/shapes.ts',
    from: 'seq >= 1 && seq <= position && publicSeq <= seq',
    to: 'seq >= 1',
    tests: ['src/domain/repair/shapes.test.ts'],
  },
  {
    name: 'BK-20: what an entity always has',
    file: 'src/domain/repair/shapes.ts',
    from: 'return isWhole && (',
    to: 'return isWhole !== undefined && (',
    tests: ['src/domain/repair/shapes.test.ts'],
  },
  {
    name: 'BK-20: what two places agree on comes first',
    file: SETTLE,
    from: '  for (const claim of claims) if (claim.isAgreed) choose(claim);\n',
    to: '',
    tests: SETTLE_TESTS,
  },
  {
    name: 'BK-20: no number of a conversation twice',
    file: SETTLE,
    from: "records.filter((record) => !record.is('message') || places.fits(record.value))",
    to: 'records',
    tests: SETTLE_TESTS,
  },
  {
    name: 'BK-20: what nobody can tell counts as lost',
    file: SALVAGE,
    from: '  lost += (remains.doubtful ?? []).filter((position) => position > base).length;',
    to: '',
    tests: SQL_TESTS,
  },
  {
    name: 'BK-20: public numbers count what is public',
    file: SETTLE,
    from: 'return value.publicSeq === publicSeq ? record',
    to: 'return value.publicSeq >= 0 ? record',
    tests: SETTLE_TESTS,
  },
  {
    name: 'BK-20: what cannot be one log is refused',
    file: SALVAGE,
    from: '  if (findings[0] !== undefined)',
    to: '  if (findings[99] !== undefined)',
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
