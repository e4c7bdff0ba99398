import { join } from 'node:path';
import { type CheckFinding, type CheckReport, NOTHING_COUNTED } from '../../domain/check-report.ts';
import { GuichetError } from '../../domain/errors.ts';
import type { Disk } from './disk.ts';
import { reasonOf } from './disk-files.ts';
import { readChain } from './journal-chain.ts';
import { readSegment } from './journal-reader.ts';
import { segmentPath } from './journal-segment.ts';
import { onStillDirectory } from './live-reading.ts';
import { manifestPath } from './manifest.ts';
import { NodeDisk } from './node-disk.ts';
import { examine, type Recovered } from './recovery.ts';
import { SNAPSHOT_FILES, snapshotPath } from './snapshot-format.ts';
import { loadSnapshot } from './snapshot-reader.ts';
import { SnapshotDamage, verifyFile } from './snapshot-verify.ts';

/**
 * Reads all of a data directory, every byte of every snapshot and segment, and says what is wrong with it. Writes
 * nothing and takes no lock: a running server may hold the directory.
 */
export const verifyFileStore = (directory: string, disk: Disk = new NodeDisk()): Promise<CheckReport> =>
  onStillDirectory(
    { disk, directory },
    () => verifyOnce(directory, disk),
    ({ ok }) => ok,
  );

const verifyOnce = async (directory: string, disk: Disk): Promise<CheckReport> => {
  const findings: CheckFinding[] = [];
  let counts = NOTHING_COUNTED;
  if (
    (await disk.stat(manifestPath(directory))) === undefined &&
    (await disk.list(join(directory, 'journal'))).length === 0
  ) {
    findings.push({ severity: 'error', file: directory, message: `There is no store in ${directory}.` });
    return { ok: false, findings, counts };
  }
  try {
    const examined = await examine({ disk, directory });
    for (const { severity, file, offset, message } of examined.findings) {
      findings.push({ severity, file, ...(offset !== undefined && { offset }), message });
    }
    try {
      counts = await verifyRest(directory, disk, examined.recovered, findings);
    } finally {
      examined.recovered.shelf.close();
    }
  } catch (error) {
    const message = error instanceof GuichetError ? (error.detail ?? reasonOf(error)) : reasonOf(error);
    findings.push({ severity: 'error', file: directory, message });
  }
  return { ok: findings.every(({ severity }) => severity === 'info'), findings, counts };
};

/** What a start does not look at: older snapshots and segments, the readable copies, and whether the numbers agree. */
const verifyRest = async (
  directory: string,
  disk: Disk,
  recovered: Recovered,
  findings: CheckFinding[],
): Promise<CheckReport['counts']> => {
  const { state, shelf, snapshots, position } = recovered;
  for (const { position: at } of snapshots.slice(1)) {
    await warnOfDamage(findings, async () => (await loadSnapshot(disk, snapshotPath(directory, at))).shelf.close());
  }
  const [newest] = snapshots;
  for (const name of SNAPSHOT_FILES) {
    const path = join(directory, name);
    if (newest === undefined || (await disk.stat(path)) === undefined) continue;
    await warnOfDamage(findings, () => verifyFile(disk, path, newest.files[name]));
  }
  await verifyOlderSegments(directory, disk, snapshots, findings);
  for (const { conversation, lastSeq } of state.conversations.heads.values()) {
    const held = await shelf.page(conversation.id, { limit: 1 });
    if (held.lastSeq === lastSeq && held.messages.length === Math.min(1, lastSeq)) continue;
    const message = `Conversation ${JSON.stringify(conversation.id)} counts ${lastSeq} messages and holds ${held.lastSeq}.`;
    findings.push({ severity: 'error', file: directory, message });
  }
  if (!shelf.whole || !state.whole) {
    const message = 'Some messages are there and others in front of them are not: this keeper is still being filled.';
    findings.push({ severity: 'warn', file: directory, message });
  }
  const messages = shelf.threads.reduce((sum, { held }) => sum + held, 0);
  return {
    ...{ position, messages, conversations: state.conversations.heads.size },
    entries: [...state.directory.records()].length,
    ...{ snapshots: snapshots.length, segments: recovered.segments.length },
  };
};

const warnOfDamage = async (findings: CheckFinding[], verify: () => Promise<void>): Promise<void> => {
  try {
    await verify();
  } catch (error) {
    if (!(error instanceof SnapshotDamage)) throw error;
    const { file, offset, message } = error;
    findings.push({ severity: 'warn', file, ...(offset !== undefined && { offset }), message });
  }
};

/** Segments in front of the newest snapshot are not read at a start; they are what the older snapshot would need. */
const verifyOlderSegments = async (
  directory: string,
  disk: Disk,
  [newest, older]: Recovered['snapshots'],
  findings: CheckFinding[],
): Promise<void> => {
  const journal = join(directory, 'journal');
  const { links, missing } = await readChain(disk, journal);
  const base = newest?.position ?? 0;
  if (missing !== undefined && older !== undefined && links[0]!.header.after > older.position) {
    const file = segmentPath(journal, missing);
    const message = `${file} is missing or has lost its first line. The newest snapshot holds all of its records.`;
    findings.push({ severity: 'warn', file, message });
  }
  const first = links.findLastIndex(({ header }) => header.after <= base);
  for (const [i, { path, validBytes }] of links.slice(0, Math.max(0, first)).entries()) {
    const report = await readSegment(disk, path, validBytes === undefined ? {} : { until: validBytes });
    for (const { offset, head, resumes, reason } of report.bad) {
      if (resumes === undefined && head >= links[i + 1]!.header.after) continue;
      const message = `${path} is damaged at byte ${offset} (${reason}). The newest snapshot holds all of its records.`;
      findings.push({ severity: 'warn', file: path, offset, message });
    }
    if (report.bad.length === 0 && report.head < links[i + 1]!.header.after) {
      findings.push({ severity: 'warn', file: path, message: `${path} ends early, at record ${report.head}.` });
    }
  }
};
