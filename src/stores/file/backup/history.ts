import { dirname, join } from 'node:path';
import { type LogIdentity, sameLog } from '../../../domain/model/log-identity.ts';
import { LogState } from '../../../domain/state/log-state.ts';
import { type Reach, StoreProblem } from '../../../domain/store-problem.ts';
import type { Disk } from '../disk.ts';
import { type ChainLink, readChain } from '../journal-chain.ts';
import { type JournalBatch, readSegment } from '../journal-reader.ts';
import type { Segment } from '../journal-segment.ts';
import { readManifest } from '../manifest.ts';
import { MessageShelf } from '../message-shelf.ts';
import type { Recovered } from '../recovery.ts';
import { type SnapshotManifest, snapshotPosition, snapshotsDirectory } from '../snapshot-format.ts';
import { loadSnapshot, readSnapshotManifest } from '../snapshot-reader.ts';
import { SnapshotDamage } from '../snapshot-verify.ts';
import { isBackupName, readBackupManifest } from './backup-format.ts';

/** Which moment of a log: behind this record, or as it was at a time (epoch ms). */
export type Moment = { readonly position: number } | { readonly time: number };
/** A moment together with what it is looked up in, for those who look often. */
export interface Place {
  readonly history: History;
  readonly position: number;
}

/** A state from which the journal goes on. */
interface Base {
  readonly position: number;
  readonly time: number;
  /** Where its files are; `undefined` for the empty log. */
  readonly path: string | undefined;
}

/** A batch as it stands in a journal: positions (after, through], all of one time. */
interface Span {
  readonly after: number;
  readonly through: number;
  readonly time: number;
  readonly compacted: boolean;
  /** Where it stands. */
  readonly path: string;
  readonly offset: number;
  readonly end: number;
}

/** Segments of one directory that go on from each other. */
interface Journal {
  readonly links: readonly ChainLink[];
  /** In order of position, each batch once. */
  readonly spans: readonly Span[];
}

/**
 * Everything in and around a directory from which its log can be had as it once was: snapshots, backups and journals.
 * `directory` is a data directory, or a backup, whose neighbours count too.
 */
export class History {
  readonly #disk: Disk;
  readonly log: LogIdentity;
  readonly #bases: readonly Base[];
  readonly #journals: readonly Journal[];
  /** Batches of segments that nothing in a journal leads to: only what is left of a damaged one. */
  readonly #loose: readonly Span[];

  private constructor(
    disk: Disk,
    log: LogIdentity,
    bases: readonly Base[],
    journals: readonly Journal[],
    loose: readonly Span[],
  ) {
    this.#disk = disk;
    this.log = log;
    this.#bases = bases;
    this.#journals = journals;
    this.#loose = loose;
  }

  /** @throws StoreProblem `no_history` where there is neither a store nor a backup */
  static async of(disk: Disk, directory: string): Promise<History> {
    const backup = await readBackupManifest(disk, directory);
    const [log, places] =
      backup === undefined
        ? [await logOf(disk, directory), await placesOfStore(disk, directory)]
        : [backup.log, { bases: await backupsIn(disk, dirname(directory), directory), journals: [] }];
    if (log === undefined) throw new StoreProblem({ code: 'no_history', dir: directory });
    const bases: Base[] = [];
    for (const path of places.bases) {
      const manifest = await manifestOf(disk, path);
      if (manifest === undefined || !sameLog(manifest.log, log)) continue;
      bases.push({ position: manifest.position, time: manifest.time, path });
    }
    const journals: Journal[] = [];
    const loose: Span[] = [];
    const folders = [...places.journals, ...places.bases.map((path) => join(path, 'journal'))];
    for (const folder of folders) {
      const { links, missing, headless, abandoned } = await readChain(disk, folder);
      const cutOff = missing === undefined ? [] : abandoned.map((path) => ({ path, validBytes: undefined }));
      const ends = headless.map(({ path }) => ({ path, validBytes: undefined }));
      loose.push(...(await spansOf(disk, cutOff)), ...(await spansOf(disk, ends)));
      if (links.length > 0 && links.every(({ header }) => sameLog(header.log, log))) {
        journals.push({ links, spans: await spansOf(disk, links) });
      }
    }
    bases.push({ position: 0, time: 0, path: undefined });
    bases.sort((a, b) => b.position - a.position);
    return new History(disk, log, bases, journals, loose);
  }

  /** What can be had, in order: every position from one to the other. */
  get reach(): readonly Reach[] {
    const all: Reach[] = [];
    for (const { position, time, path } of this.#bases) {
      if (path !== undefined) all.push({ from: position, fromTime: time, to: position, toTime: time });
      for (const journal of this.#journals) {
        const end = runFrom(journal, position).at(-1);
        if (end !== undefined) all.push({ from: position, fromTime: time, to: end.through, toTime: end.time });
      }
    }
    all.sort((a, b) => a.from - b.from || b.to - a.to);
    const merged: Reach[] = [];
    for (const next of all) {
      const last = merged.at(-1);
      if (last === undefined || next.from > last.to) merged.push(next);
      else if (next.to > last.to) merged[merged.length - 1] = { ...last, to: next.to, toTime: next.toTime };
    }
    return merged;
  }

  /** Positions from which the journals go on. */
  get bases(): readonly number[] {
    return this.#bases.map(({ position }) => position);
  }

  /** A position, to be opened without looking at the whole directory again. */
  moment(position: number): Place {
    return { history: this, position };
  }

  /**
   * Position of the last record up to a moment.
   * @throws StoreProblem `past_not_kept` when records in front of that time are not kept any more, so nobody can say
   */
  positionAt(moment: Moment): number {
    if ('position' in moment) return moment.position;
    const { time } = moment;
    let last = 0;
    let next = Number.POSITIVE_INFINITY;
    for (const base of this.#bases) {
      if (base.time <= time) last = Math.max(last, base.position);
      else next = Math.min(next, base.position);
    }
    for (const { spans } of this.#journals) {
      for (const span of spans) {
        if (span.time <= time) last = Math.max(last, span.through);
        else next = Math.min(next, span.after + 1);
      }
    }
    const known = next === Number.POSITIVE_INFINITY || next === last + 1;
    if (!known || last === 0) throw this.#notKept(new Date(time).toISOString());
    return last;
  }

  /** The log as it was behind a record. @throws StoreProblem `past_not_kept` */
  async at(position: number): Promise<Recovered> {
    let damage: SnapshotDamage | undefined;
    for (const base of this.#bases) {
      if (base.position > position) continue;
      const journal = this.#journals.find((candidate) => reaches(candidate, base.position, position));
      if (journal === undefined && (base.position !== position || base.path === undefined)) continue;
      try {
        return await this.#build(base, journal, position);
      } catch (error) {
        // Another base may do as well.
        if (!(error instanceof SnapshotDamage)) throw error;
        damage ??= error;
      }
    }
    if (damage !== undefined) throw new StoreProblem({ code: 'past_damaged', what: damage.message }, { cause: damage });
    throw this.#notKept(String(position));
  }

  /** Every batch behind a position that can still be read anywhere, in order, whatever is missing between them. */
  async *batchesBehind(position: number): AsyncGenerator<JournalBatch> {
    const spans = [...this.#journals.flatMap((journal) => journal.spans), ...this.#loose];
    spans.sort((a, b) => a.after - b.after || b.through - a.through);
    let head = position;
    for (const { path, offset, end, after, through } of spans) {
      if (through <= head) continue;
      const found: JournalBatch[] = [];
      await readSegment(this.#disk, path, {
        from: offset,
        until: end,
        head: after,
        batch: (batch) => void found.push(batch),
      });
      yield* found;
      head = through;
    }
  }

  #notKept(at: string): StoreProblem {
    return new StoreProblem({ code: 'past_not_kept', at, reach: this.reach });
  }

  async #build(base: Base, journal: Journal | undefined, position: number): Promise<Recovered> {
    const loaded = base.path === undefined ? undefined : await loadSnapshot(this.#disk, base.path);
    const { state, shelf } = loaded ?? { state: new LogState(), shelf: new MessageShelf() };
    let { position: head, time } = base;
    let floor = loaded?.manifest.floor ?? 0;
    const segments: Segment[] = [];
    for (const { number, path, header, validBytes } of journal?.links ?? []) {
      const size = validBytes ?? (await this.#disk.stat(path))?.size ?? 0;
      segments.push({ number, path, after: header.after, bytes: size, marks: undefined });
    }
    const first = segments.findLastIndex(({ after }) => after <= head);
    for (const segment of segments.slice(Math.max(0, first))) {
      if (head === position) break;
      await readSegment(this.#disk, segment.path, {
        until: segment.bytes,
        batch: (batch) => {
          for (const record of batch.records) {
            if (record.position <= head || record.position > position) continue;
            state.apply(record);
            if (record.is('message')) shelf.put(record);
            time = Math.max(time, record.time);
            if (!batch.compacted) head = record.position;
          }
          if (batch.compacted && batch.through <= position && batch.through > head) {
            head = batch.through;
            floor = head;
          }
          return head < position;
        },
      });
    }
    if (head !== position) {
      shelf.close();
      throw new SnapshotDamage(base.path ?? '', `The journal ends at record ${head}.`);
    }
    if (segments.length === 0) floor = position;
    return {
      ...{ log: this.log, keeper: '', epoch: 0, state, shelf, position, time, segments },
      floor: Math.max(floor, segments[0]?.after ?? 0),
      ...{ lastSegmentNumber: 0, begunSegment: 0, unproven: [], snapshots: [], adopting: null },
    };
  }
}

const logOf = async (disk: Disk, directory: string): Promise<LogIdentity | undefined> => {
  const manifest = await readManifest(disk, directory);
  if (typeof manifest === 'object') return manifest.log;
  return (await readChain(disk, join(directory, 'journal'))).links.at(-1)?.header.log;
};

const placesOfStore = async (disk: Disk, directory: string): Promise<{ bases: string[]; journals: string[] }> => {
  const snapshots = await disk.list(snapshotsDirectory(directory));
  const own = snapshots.filter((name) => snapshotPosition(name) !== undefined);
  const bases = own.map((name) => join(snapshotsDirectory(directory), name));
  return {
    bases: [...bases, ...(await backupsIn(disk, join(directory, 'backup')))],
    journals: [join(directory, 'journal')],
  };
};

/** Daily backups in a directory, and one more that may have another name. */
const backupsIn = async (disk: Disk, directory: string, own?: string): Promise<string[]> => {
  const names = (await disk.list(directory)).filter(isBackupName);
  return [...new Set([...(own === undefined ? [] : [own]), ...names.map((name) => join(directory, name))])];
};

const manifestOf = async (disk: Disk, path: string): Promise<SnapshotManifest | undefined> => {
  try {
    return await readSnapshotManifest(disk, path);
  } catch (error) {
    if (!(error instanceof SnapshotDamage)) throw error;
    return undefined;
  }
};

const spansOf = async (disk: Disk, links: readonly Pick<ChainLink, 'path' | 'validBytes'>[]): Promise<Span[]> => {
  const spans: Span[] = [];
  for (const { path, validBytes } of links) {
    await readSegment(disk, path, {
      ...(validBytes !== undefined && { until: validBytes }),
      batch: ({ after, through, records, compacted = false, offset, end }) => {
        // Repeated behind a segment that was given up.
        if (through <= (spans.at(-1)?.through ?? -1)) return;
        const time = records.at(-1)?.time ?? spans.at(-1)?.time ?? 0;
        spans.push({ after, through, time, compacted, path, offset, end });
      },
    });
  }
  return spans;
};

/** Batches of a journal that follow a position without a gap. */
const runFrom = ({ links, spans }: Journal, position: number): readonly Span[] => {
  const run: Span[] = [];
  if (links[0]!.header.after > position) return run;
  let head = position;
  for (const span of spans) {
    if (span.through <= head) continue;
    // A batch that began in front of a base in the middle of it is no state of a compacted log.
    if (span.after > head || (span.compacted && span.after !== head)) break;
    run.push(span);
    head = span.through;
  }
  return run;
};

const reaches = (journal: Journal, base: number, position: number): boolean => {
  if (position === base)
    return journal.links[0]!.header.after <= base && (journal.spans.at(-1)?.through ?? base) >= base;
  const last = runFrom(journal, base).find(({ through }) => through >= position);
  return last !== undefined && (!last.compacted || last.through === position);
};
