import { join } from 'node:path';
import { GuichetError } from '../../domain/errors.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';
import type { LogState } from '../../domain/state/log-state.ts';
import type { Disk } from './disk.ts';
import type { Finding } from './finding.ts';
import type { ChainLink, JournalChain } from './journal-chain.ts';
import { type BadRegion, type JournalBatch, readSegment, type SegmentReport } from './journal-reader.ts';
import { type Segment, segmentPath } from './journal-segment.ts';
import type { StoreManifest } from './manifest.ts';
import type { MessageShelf } from './message-shelf.ts';
import type { Quarantine } from './quarantine.ts';
import type { SnapshotManifest } from './snapshot-format.ts';

export interface ReplayTools {
  readonly disk: Disk;
  readonly directory: string;
  readonly quarantine: Quarantine;
  /** Added to. Their repairs are made when the whole directory was read and can be used. */
  readonly findings: Finding[];
}

export interface ReplayInput {
  readonly manifest: StoreManifest | undefined;
  readonly snapshot: SnapshotManifest | undefined;
  readonly chain: JournalChain;
  readonly log: LogIdentity;
  /** What the snapshot holds; the records behind it are applied to it. */
  readonly state: LogState;
  readonly shelf: MessageShelf;
}

export interface Replayed {
  readonly position: number;
  readonly time: number;
  readonly floor: number;
  readonly segments: Segment[];
  readonly unproven: readonly JournalBatch[];
}

/** Applies the journal behind the snapshot and judges every byte of it that is not a valid batch. */
export const replayJournal = (tools: ReplayTools, input: ReplayInput): Promise<Replayed> =>
  new Replay(tools, input).run();

class Replay {
  readonly #tools: ReplayTools;
  readonly #input: ReplayInput;
  /** Position of the snapshot: what it covers is not needed from the journal. */
  readonly #base: number;
  #head: number;
  #time: number;
  #floor: number;
  /** Highest position that something says was synced. */
  #proven: number;
  /**
   * The end of a segment that the next one repeats: kept back until that one is seen to hold it. Were it void as soon
   * as the next header is there, a power cut between the header and the repetition would lose it.
   */
  #repeated: JournalBatch[] = [];

  constructor(tools: ReplayTools, input: ReplayInput) {
    this.#tools = tools;
    this.#input = input;
    this.#base = input.snapshot?.position ?? 0;
    this.#head = this.#base;
    this.#time = input.snapshot?.time ?? 0;
    this.#floor = input.snapshot?.floor ?? 0;
    const { cleanPosition = 0, snapshots = [] } = input.manifest ?? {};
    this.#proven = Math.max(this.#base, cleanPosition ?? 0, ...snapshots);
  }

  async run(): Promise<Replayed> {
    const { links } = this.#input.chain;
    this.#requireJournal();
    for (const path of this.#input.chain.abandoned) this.#setAside(path, 'it was begun while the disk failed.');
    // Of several that begin at one position the first: the others may not have got as far as repeating what it holds.
    const first = links.findLastIndex(
      ({ header: { after } }, i) => after <= this.#base && links[i - 1]?.header.after !== after,
    );
    let last: SegmentReport | undefined;
    for (let i = first; i >= 0 && i < links.length; i += 1) last = await this.#replay(links[i]!, links[i + 1]);
    const unproven = this.#unproven(last);
    for (const file of this.#input.chain.headless) await this.#judgeHeadless(file);
    if (this.#proven > this.#head) {
      this.#refuse(`${this.#journal} ends at record ${this.#head}, but record ${this.#proven} was acknowledged`);
    }
    const segments = links.map(({ number, path, header, validBytes }): Segment => {
      return { number, path, after: header.after, bytes: validBytes ?? last?.end ?? 0, marks: undefined };
    });
    const floor = Math.max(this.#floor, segments[0]?.after ?? 0);
    return { position: this.#head, time: this.#time, floor, segments, unproven };
  }

  /** Batches that may be in the page cache only. */
  #unproven(last: SegmentReport | undefined): JournalBatch[] {
    const repeated = this.#repeated;
    for (const batch of repeated) this.#apply(batch);
    return [...(last?.unproven.filter((batch) => batch.through > this.#proven) ?? []), ...repeated];
  }

  get #journal(): string {
    return join(this.#tools.directory, 'journal');
  }

  /** Files that must be there are there. */
  #requireJournal(): void {
    const { manifest, snapshot, chain } = this.#input;
    const oldest = chain.links[0];
    const newest = chain.headless.at(-1)?.number ?? chain.links.at(-1)?.number ?? 0;
    const named = manifest?.segment ?? (snapshot === undefined ? 0 : 1);
    if (newest < named) {
      const path = segmentPath(this.#journal, named);
      this.#refuse(`${path} is missing, and with it records that were acknowledged after record ${this.#base}`);
    }
    if (oldest !== undefined && oldest.header.after > this.#base) {
      const gone = chain.missing === undefined ? 'a segment' : segmentPath(this.#journal, chain.missing);
      this.#refuse(
        `${gone} is missing or has lost its first line: records ${this.#range(this.#base, oldest.header.after)}`,
      );
    }
  }

  /** A file without a first line is one that was being begun, unless something says that it held records. */
  async #judgeHeadless({ number, path }: { number: number; path: string }): Promise<void> {
    const { manifest, chain } = this.#input;
    const report = await readSegment(this.#tools.disk, path);
    const begun = (manifest?.segment ?? 0) >= number;
    const stopped = manifest?.cleanPosition ?? Number.POSITIVE_INFINITY;
    // Its first batch tells what had been synced before it was begun, and that may stand in front of it.
    const before = chain.links.length === 0 ? 0 : this.#head;
    if (report.durable > before || (begun && stopped > this.#base)) {
      this.#refuse(
        `the first line of ${path} is damaged, and acknowledged records behind record ${this.#base} stand in it`,
      );
    }
    this.#setAside(path, 'it was being begun when the process ended, and nothing in it was acknowledged.');
  }

  #setAside(path: string, why: string): void {
    const { findings, quarantine } = this.#tools;
    findings.push({
      ...{ severity: 'info', file: path, message: `${path} does not count: ${why}` },
      repair: () => quarantine.move(path),
    });
  }

  async #replay(link: ChainLink, next: ChainLink | undefined): Promise<SegmentReport> {
    const report = await readSegment(this.#tools.disk, link.path, {
      ...(link.validBytes !== undefined && { until: link.validBytes }),
      batch: (batch) => {
        if (next !== undefined && batch.after >= next.header.after) this.#keepBack(batch);
        else this.#apply(batch);
      },
    });
    this.#proven = Math.max(this.#proven, report.durable, next?.header.after ?? 0);
    for (const region of report.bad) this.#judge(link, region, next);
    if (next !== undefined && report.head < next.header.after && next.header.after > this.#base) {
      const lost = this.#range(report.head, next.header.after);
      this.#refuse(`${link.path} ends at byte ${report.end}: records ${lost}`);
    }
    return report;
  }

  /** Takes the place of the same batch in an older segment: a start that was cut short repeats what one before repeated. */
  #keepBack(batch: JournalBatch): void {
    const others = this.#repeated.filter((held) => held.through <= batch.after || held.after >= batch.through);
    this.#repeated = [...others, batch].sort((a, b) => a.after - b.after);
  }

  #apply(batch: JournalBatch): void {
    this.#repeated = this.#repeated.filter((held) => held.after >= batch.through);
    for (const record of batch.records) {
      if (record.position <= this.#base) continue;
      this.#input.state.apply(record);
      if (record.is('message')) this.#input.shelf.put(record);
      this.#time = Math.max(this.#time, record.time);
    }
    this.#head = Math.max(this.#head, batch.through);
    if (batch.compacted) this.#floor = Math.max(this.#floor, batch.through);
  }

  /**
   * A torn end is what a crash leaves of a batch that nobody was told of. Damage is told from it by evidence: every
   * later line says how far syncs had returned when it was written.
   */
  #judge(link: ChainLink, region: BadRegion, next: ChainLink | undefined): void {
    const { quarantine, findings } = this.#tools;
    const { offset, end, head, reason } = region;
    const goesOnAt = region.resumes ?? next?.header.after ?? Math.max(head, this.#proven);
    if (goesOnAt > head && goesOnAt > this.#base) {
      this.#refuse(`${link.path} is damaged at byte ${offset} (${reason}): records ${this.#range(head, goesOnAt)}`);
    }
    this.#floor = Math.max(this.#floor, goesOnAt > head ? goesOnAt : 0);
    const torn = region.resumes === undefined && goesOnAt <= head;
    const place = `${link.path} (bytes ${offset} to ${end}: ${reason})`;
    findings.push({
      severity: torn ? 'info' : 'warn',
      ...{ file: link.path, offset },
      message: torn
        ? `The end of ${place} was torn. No acknowledged record is affected.`
        : `There is damage in ${place}. All records are there.`,
      repair: () => quarantine.copy(link.path, offset, end),
    });
  }

  #range(after: number, through: number): string {
    const first = after + 1;
    return `${first === through ? `${first} was` : `${first} to ${through} were`} acknowledged and can be read nowhere else`;
  }

  #refuse(what: string): never {
    const { directory } = this.#tools;
    throw new GuichetError(
      'refused',
      `The store was not opened and nothing was changed: ${what}. See: guichet check --store file:${directory}`,
    );
  }
}
