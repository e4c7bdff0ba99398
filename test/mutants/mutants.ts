/** One safeguard of the product taken away. */
export interface Mutant {
  /** What is taken away, in a few words. */
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** The smallest test files that have to go red. */
  readonly tests: readonly string[];
  /** Only tests whose title matches. */
  readonly only?: string;
}

const WRITER = 'src/stores/file/journal-writer.ts';
const REPLAY = 'src/stores/file/journal-replay.ts';
const FILES = 'src/stores/file/disk-files.ts';
const SNAPSHOT = 'src/stores/file/snapshot-writer.ts';
const KEEPER = 'src/stores/file/snapshot-keeper.ts';
const STORE = 'src/stores/file/file-store.ts';
const CHAIN = 'src/stores/tiered/chain.ts';
const SQL = 'src/stores/sql/sql-writer.ts';
const SQL_HEAD = 'src/stores/sql/head.ts';
const CHAIN_LOG = 'src/stores/tiered/chain-log.ts';

const JOURNAL_TESTS = ['src/stores/file/journal.test.ts'];
const FAILURE_TESTS = ['src/stores/file/journal-failures.test.ts'];
const LOCK_TESTS = ['src/stores/file/directory-lock.test.ts'];
const START_TESTS = ['src/stores/file/epoch-start.test.ts'];
const RECOVERY_TESTS = ['src/stores/file/recovery.test.ts'];
const SNAPSHOT_TESTS = ['src/stores/file/snapshot.test.ts'];
const POWER_CUTS = ['src/stores/file/power-cut.test.ts'];
const CHAIN_TESTS = ['writing', 'return'].map((part) => `src/stores/tiered/tiered-${part}.test.ts`);
const SQLITE_TESTS = ['src/stores/sqlite/sqlite-store.test.ts'];
const SQLITE_CONTRACT = ['src/stores/sqlite/sqlite-store.contract.test.ts'];
const BACKUP_TESTS = ['src/stores/file/backup/write-backup.test.ts'];
const TRACE_TESTS = ['test/crash/sync-before-ack.test.ts'];

/** Every rule of durability, by what happens when the line that keeps it is gone. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the sync of a batch',
    file: WRITER,
    from: 'await Promise.all([open.file.sync(), open.file.isAt',
    to: 'await Promise.all([Promise.resolve(), open.file.isAt',
    tests: JOURNAL_TESTS,
    only: 'FS-7',
  },
  {
    name: 'the sync of a new segment',
    file: WRITER,
    from: '      await file.sync();\n      await disk.syncDirectory(directory);\n',
    to: '      await disk.syncDirectory(directory);\n',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'the sync of the journal’s directory',
    file: WRITER,
    from: '      await file.sync();\n      await disk.syncDirectory(directory);\n',
    to: '      await file.sync();\n',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'fdatasync on the real disk',
    file: 'src/stores/file/node-disk.ts',
    from: 'fs.fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));',
    to: 'setImmediate(resolve);',
    tests: TRACE_TESTS,
  },
  {
    name: 'fsync of a directory on the real disk',
    file: 'src/stores/file/node-disk.ts',
    from: 'fs.fsync(descriptor, (error) => (error ? reject(error) : resolve()));',
    to: 'setImmediate(resolve);',
    tests: TRACE_TESTS,
  },
  {
    name: 'the checksum of a manifest',
    file: 'src/stores/file/sealed-json.ts',
    from: 'return checksum(bytes.subarray(0, seal.index)) === seal[1];',
    to: 'return true;',
    tests: ['src/stores/file/corruption.test.ts'],
    only: 'FS-37',
  },
  {
    name: 'the rest of a short write',
    file: FILES,
    from: '    done += written;\n  }\n};\n\n/** Reads until',
    to: '    return;\n  }\n};\n\n/** Reads until',
    tests: JOURNAL_TESTS,
    only: 'FS-7',
  },
  {
    name: 'the end of a file whose sync failed',
    file: WRITER,
    from: '    } catch {\n      return this.#seal();\n    }\n    open.end += bytes.length;',
    to: '    } catch {\n      await open.file.sync();\n    }\n    open.end += bytes.length;',
    tests: FAILURE_TESTS,
    only: 'FS-11',
  },
  {
    name: 'cutting off what a full disk took',
    file: WRITER,
    from: 'await open.file.truncate(open.segment.bytes).then(',
    to: 'await Promise.resolve().then(',
    tests: FAILURE_TESTS,
    only: 'FS-10',
  },
  {
    name: 'showing a batch only when it is durable',
    file: 'src/stores/file/held-log.ts',
    from: '    const show = this.state.stage(batch.records);\n',
    to: '    const show = this.state.stage(batch.records);\n    show();\n',
    tests: FAILURE_TESTS,
    only: 'FS-1[23]',
  },
  {
    name: 'looking whether the file is still there',
    file: WRITER,
    from: '      if (!isThere) return this.#seal();\n',
    to: '',
    tests: ['src/stores/file/in-place.test.ts'],
  },
  {
    name: 'looking whether the directory is still ours',
    file: STORE,
    from: 'if (await this.#lock!.isInPlace()) return;',
    to: 'if (this.#lock !== undefined) return;',
    tests: ['src/stores/file/in-place.test.ts'],
  },
  {
    name: 'the checksum of a journal line',
    file: 'src/stores/file/journal-line.ts',
    from: 'if (crc32(payload).toString(16)',
    to: 'if (payload.length < 0 && crc32(payload).toString(16)',
    tests: RECOVERY_TESTS,
    only: 'FS-33',
  },
  {
    name: 'the commit line of a batch',
    file: 'src/stores/file/journal-reader.ts',
    from: 'const wrong = whatIsWrong(commit, records, this.#head);',
    to: 'const wrong = undefined as string | undefined;',
    tests: [...JOURNAL_TESTS, ...RECOVERY_TESTS],
    only: 'FS-6|FS-3[23]',
  },
  {
    name: 'the evidence in a later line',
    file: REPLAY,
    from: 'this.#proven = Math.max(this.#proven, report.durable, next?.header.after ?? 0);',
    to: 'this.#proven = Math.max(this.#proven, 0);',
    tests: RECOVERY_TESTS,
    only: 'FS-33',
  },
  {
    name: 'writing again what no sync vouches for',
    file: 'src/stores/file/epoch-start.ts',
    from: 'while (this.#repeated < this.#unproven.length) {',
    to: 'while (this.#repeated < 0) {',
    tests: START_TESTS,
    only: 'FS-31',
  },
  {
    name: 'looking into every segment that begins at a snapshot',
    file: REPLAY,
    from: ' && links[i - 1]?.header.after !== after,',
    to: ',',
    tests: START_TESTS,
    only: 'FS-31',
  },
  {
    name: 'the manifest before the older snapshot goes',
    file: KEEPER,
    from: '      await commit(snapshots);\n',
    to: '      this.#snapshots = snapshots;\n      await this.#tidy();\n      await commit(snapshots);\n',
    tests: SNAPSHOT_TESTS,
    only: 'FS-23',
  },
  {
    name: 'the second snapshot',
    file: KEEPER,
    from: 'const KEPT = 2;',
    to: 'const KEPT = 1;',
    tests: SNAPSHOT_TESTS,
    only: 'FS-23',
  },
  {
    name: 'the sync of a file that is put in place',
    file: FILES,
    from: '    await writeFully(file, bytes, 0);\n    await file.sync();\n',
    to: '    await writeFully(file, bytes, 0);\n',
    tests: JOURNAL_TESTS,
    only: 'FS-3',
  },
  {
    name: 'the sync of the directory it is put into',
    file: FILES,
    from: '  await disk.syncDirectory(dirname(path));\n',
    to: '',
    tests: JOURNAL_TESTS,
    only: 'FS-3',
  },
  {
    name: 'the sync of a new directory into the one above',
    file: FILES,
    from: '  await disk.makeDirectory(path);\n  await disk.syncDirectory(parent);\n',
    to: '  await disk.makeDirectory(path);\n',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'the names in a snapshot synced before it counts',
    file: SNAPSHOT,
    from: '  await disk.syncDirectory(path);\n',
    to: '',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'the name of a snapshot synced before it counts',
    file: SNAPSHOT,
    from: '    await disk.syncDirectory(snapshotsDirectory(directory));\n',
    to: '',
    tests: SNAPSHOT_TESTS,
    only: 'FS-22\\] \\[FS-23',
  },
  {
    name: 'reading a snapshot again before it counts',
    file: SNAPSHOT,
    from: '  await verifySnapshot(disk, path, written.manifest, { index: written.index, signal });\n',
    to: '',
    tests: SNAPSHOT_TESTS,
    only: 'FS-2[24]',
  },
  {
    name: 'the checksum of a snapshot’s file',
    file: 'src/stores/file/snapshot-verify.ts',
    from: "if (hash.digest('hex') !== expected.sha256) throw",
    to: "if (hash.digest('hex') === '') throw",
    tests: RECOVERY_TESTS,
    only: 'FS-34',
  },
  {
    name: 'the checksum of a message that is read',
    file: 'src/stores/file/generation.ts',
    from: 'end <= filled && crc32(bytes.subarray(from, end)) === crcs[place];',
    to: 'end <= filled && crcs.length > 0;',
    tests: ['src/stores/file/reading.test.ts'],
    only: 'FS-40',
  },
  {
    name: 'the lock of a directory',
    file: 'src/lib/file-lock.ts',
    from: "database.exec('BEGIN EXCLUSIVE');",
    to: "database.exec('SELECT 1');",
    tests: LOCK_TESTS,
    only: 'FS-2\\]',
  },
  {
    name: 'the repeat check',
    file: 'src/domain/resolve/post-message.ts',
    from: '  if (known !== undefined) return draft.done({ head, message: known });\n',
    to: '',
    tests: ['src/domain/resolve/post-message.test.ts'],
  },
  {
    name: 'the fence: epoch',
    file: 'src/domain/state/check-batch.ts',
    from: ' || batch.epoch !== head.epoch) throw',
    to: ') throw',
    tests: ['src/domain/state/check-batch.test.ts'],
  },
  {
    name: 'the fence: head',
    file: 'src/domain/state/check-batch.ts',
    from: 'if (batch.after === head.position) return',
    to: 'if (batch.after >= 0) return',
    tests: ['src/domain/state/check-batch.test.ts'],
  },
  {
    name: 'all members before an acknowledgement',
    file: CHAIN_LOG,
    from: '    const held = await Promise.all(\n      tiers.map(async (tier) => {',
    to: '    const held = await Promise.race(\n      tiers.map(async (tier) => {',
    tests: CHAIN_TESTS,
    only: 'FB-1',
  },
  {
    name: 'the in-sync mark before an acknowledgement',
    file: CHAIN,
    from: '      if (held.length < log.members.length) await log.setMembers(held);\n',
    to: '',
    tests: CHAIN_TESTS,
    only: 'FB-2',
  },
  {
    name: 'the in-sync mark on a former member first',
    file: CHAIN_LOG,
    from: 'const former = await this.give(next.filter(isFormer), batch);',
    to: 'const former = await this.give(next, batch);',
    tests: ['src/stores/tiered/tiered-start.test.ts'],
    only: 'FB-2',
  },
  {
    name: 'a batch that two starts repeated, repeated once',
    file: REPLAY,
    from: 'const others = this.#repeated.filter((held) => held.through <= batch.after || held.after >= batch.through);',
    to: 'const others = this.#repeated;',
    tests: START_TESTS,
    only: 'FS-31',
  },
  {
    name: 'numbers of a batch whose fate is open',
    file: CHAIN,
    from: '    if (isOpen) await log.keep(batch);\n    else {',
    to: '    {',
    tests: CHAIN_TESTS,
    only: 'FB-4',
  },
  {
    name: 'a member that does not answer a start',
    file: 'src/stores/tiered/prove.ts',
    from: 'const missing = away.map(({ name }) => name).filter((name) => !leaveBehind.includes(name));\n  const recorded',
    to: 'const missing = away.map(({ name }) => name).filter(() => false);\n  const recorded',
    tests: ['src/stores/tiered/tiered-start.test.ts'],
  },
  {
    name: 'comparing a tier before it joins',
    file: CHAIN,
    from: 'if (tier.position > log.durable || !(await holdsBeginning(tier, log.base))) throw',
    to: 'if (tier.position > log.durable) throw',
    tests: CHAIN_TESTS,
    only: 'FB-12',
  },
  {
    name: 'the outbox of a browser until it is durable',
    file: 'src/client/outbox.ts',
    from: 'if (stored.durable) await this.#remove(entry.id);',
    to: 'if (stored !== undefined) await this.#remove(entry.id);',
    tests: ['src/client/outbox.test.ts'],
  },
  {
    name: 'SQL: the head that a batch must follow',
    file: SQL_HEAD,
    from: 'THEN position + ',
    to: 'OR 1 = 1 THEN position + ',
    tests: ['test/databases/shared-log.test.ts'],
    only: 'SQ-10',
  },
  {
    name: 'SQL: the epoch that a batch must name',
    file: SQL_HEAD,
    from: ' AND epoch = ',
    to: ' AND -1 <> ',
    tests: ['test/databases/shared-log.test.ts'],
    only: 'SQ-11\\] a chain',
  },
  {
    name: 'SQL: the epoch that a batch must name, where the row is locked',
    file: SQL,
    from: 'row.epoch === this.#epoch ? row.epoch : Number.NaN',
    to: 'this.#epoch',
    tests: ['test/databases/shared-log.test.ts'],
    only: 'SQ-11\\] a chain',
  },
  {
    name: 'SQL: the row of the log, locked before it is read',
    file: SQL_HEAD,
    from: 'dialect.forUpdate}',
    to: 'sql``}',
    tests: ['test/databases/shared-log.test.ts'],
    only: 'SQ-10',
  },
  {
    name: 'SQL: a repeat compared with what is held',
    file: SQL,
    from: "if (verdict === 'again' && !(await this.#holds(transaction, row, batch))) throw new GuichetError('fenced');",
    to: '',
    tests: SQLITE_CONTRACT,
    only: 'LG-39',
  },
  {
    name: 'SQL: asking the head what became of a COMMIT without an answer',
    file: SQL,
    from: 'if (!(await this.#hasLanded(kept, error))) throw this.#options.failed(error.cause);',
    to: 'throw this.#options.failed(error.cause);',
    tests: SQLITE_TESTS,
    only: 'SQ-6',
  },
  {
    name: 'SQL: a connection on which something failed is given up',
    file: 'src/stores/sql/pooled-driver.ts',
    from: '      session.release(isFit);',
    to: '      session.release(true || isFit);',
    tests: ['src/stores/sql/pooled-driver.test.ts'],
  },
  {
    name: 'SQLite: synchronous=FULL',
    file: 'src/stores/sqlite/sqlite-driver.ts',
    from: "await pragma('synchronous = FULL');",
    to: "await pragma('synchronous = NORMAL');",
    tests: SQLITE_TESTS,
    only: 'SQ-8',
  },
  {
    name: 'a backup is compared with what it was made of',
    file: 'src/stores/file/backup/write-backup.ts',
    from: 'if ((await readBack(job, unfinished)) !== digest) throw',
    to: "if ((await readBack(job, unfinished)) === '') throw",
    tests: BACKUP_TESTS,
    only: 'BK-6',
  },
  {
    name: 'a backup has its name only when it is whole',
    file: 'src/stores/file/backup/write-backup.ts',
    from: 'UNFINISHED_BACKUP}`;',
    to: "''}`;",
    tests: BACKUP_TESTS,
    only: 'BK-6',
  },
  {
    name: 'a restored log is another past',
    file: 'src/cli/restore.ts',
    from: 'begun.rewinds > log.rewinds ? begun : rewound(log)',
    to: 'begun.rewinds > log.rewinds ? begun : log',
    tests: ['src/cli/restore.test.ts'],
    only: 'BK-11\\] a backup',
  },
  {
    name: 'nothing starts on half a restore',
    file: STORE,
    from: 'if (!this.#filling) await requireNoCopy(disk, directory);',
    to: '',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'what is forgotten stays forgotten: the directory of snapshots',
    file: KEEPER,
    from: '    await disk.syncDirectory(place);\n',
    to: '',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'what is forgotten stays forgotten: the directory of the journal',
    file: KEEPER,
    from: "    await disk.syncDirectory(join(directory, 'journal'));\n",
    to: '',
    tests: POWER_CUTS,
    only: 'FS-38',
  },
  {
    name: 'a segment that no sync vouches for, renewed before another goes on from it',
    file: 'src/stores/file/epoch-start.ts',
    from: '      await this.#renew();\n',
    to: '',
    tests: START_TESTS,
    only: 'FS-31',
  },
  {
    name: 'an adoption that was under way when the manifest was lost, finished',
    file: 'src/stores/file/recovery.ts',
    from: 'manifest === undefined && wasUsed ?',
    to: 'manifest === undefined && !wasUsed ?',
    tests: ['src/stores/file/adopt/adoption.test.ts'],
    only: 'FS-37',
  },
  {
    name: 'the way to the data directory, synced when the log begins',
    file: STORE,
    from: 'if (found.begunSegment === 0) await syncAbove(disk, directory);',
    to: '',
    tests: ['src/stores/file/disk-faults.test.ts'],
  },
];
