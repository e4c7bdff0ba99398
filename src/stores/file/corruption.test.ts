import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom, seedOfRun } from '../../../test/support/random.ts';
import { GuichetError } from '../../domain/errors.ts';
import { note, post, read, redact, start } from '../../domain/testing/changes.ts';
import { answers } from '../contract/answers.ts';
import { ANNA, CLAIRE } from '../contract/writer.ts';
import { verifyFileStore } from './check.ts';
import { FileStore } from './file-store.ts';
import { readChain } from './journal-chain.ts';
import { readSegment } from './journal-reader.ts';
import { sealJson } from './sealed-json.ts';
import type { SimulatedDisk } from './testing/simulated-disk.ts';
import { DATA, damage, opened, openOn, say, segment, snapshotFile, Told } from './testing/site.ts';

/** How many places of each file are damaged, about; 0: every byte of all of them. */
const PLACES = Number(process.env.GUICHET_DAMAGES ?? 60);
const SEED = seedOfRun();
const LIMIT = { timeout: PLACES === 0 ? 86_400_000 : 3_600_000 };

interface Whole {
  readonly disk: SimulatedDisk;
  /** What the store answered when it was whole. */
  readonly held: unknown;
  readonly keeper: string;
  readonly epoch: number;
  readonly newest: number;
  /** Numbers of the segments. */
  readonly segments: readonly number[];
}

/**
 * A store with two snapshots, some conversations and a journal of several segments behind the newest snapshot, killed
 * when the journal was idle: every record in it is proven.
 */
const grown = async (t: TestContext): Promise<Whole> => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const first = await opened(t);
  const { disk } = first;
  await first.writer.submit(start(ANNA, 'd'), post(ANNA, 'd', 'd1'), note(CLAIRE, 'd', 'd2'));
  await say(first.writer, 'a', 2);
  await first.store.takeSnapshot();
  await first.writer.submit(read(CLAIRE, 'c', 1), redact(CLAIRE, 'c', 'a1'));
  await first.store.takeSnapshot();
  const newest = first.store.health().lastSnapshot!.position;
  await say(first.writer, 'b', 2);
  let last = first;
  for (const prefix of ['e', 'f']) {
    disk.kill();
    last = { ...(await openOn(t, disk)), disk };
    await say(last.writer, prefix, 2);
  }
  t.mock.timers.tick(50);
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.reset();
  const held = await answers(last.store);
  disk.kill();
  const segments = disk.files().filter((path) => path.includes('/journal/'));
  const numbers = segments.map((path) => Number(basename(path, '.log')));
  const whole = await verifyFileStore(DATA, disk);
  assert.deepEqual([whole.ok, whole.findings], [true, []]);
  const { keeper, epoch } = last.writer.opened;
  return { disk, held, keeper: keeper!, epoch, newest, segments: numbers };
};

/** What came of all the damages of a test. */
class Outcomes {
  refused = 0;
  opened = 0;

  toString(): string {
    return `${this.refused + this.opened} damages: ${this.refused} refused, ${this.opened} opened with every answer`;
  }
}

/**
 * Asserts that a damaged store is found out by a check, and either refused with a sentence that names a file and
 * without a byte changed, or open with every answer of before and the damage told.
 */
const survives = async (disk: SimulatedDisk, whole: Whole, what: string, outcomes: Outcomes): Promise<void> => {
  const report = await verifyFileStore(DATA, disk);
  assert.ok(report.findings.length > 0, `${what}: a check finds nothing`);
  const before = bytesOf(disk);
  const told = new Told();
  const store = new FileStore({ directory: DATA, disk, snapshotEverySeconds: 0, logger: told });
  try {
    const head = await store.open();
    assert.deepEqual(await answers(store), whole.held, what);
    assert.deepEqual([head.keeper, head.epoch], [whole.keeper, whole.epoch + 1], what);
    assert.ok(
      report.findings.every(({ severity }) => severity !== 'error'),
      `${what}: ${JSON.stringify(report.findings)}`,
    );
    const needed = report.findings.some(({ message }) => told.lines.some((line) => line.includes(message)));
    assert.ok(needed || report.findings.every(({ file }) => isSpare(whole, file)), `${what}: nothing is told`);
    outcomes.opened += 1;
  } catch (error) {
    if (!(error instanceof GuichetError)) throw error;
    assert.equal(error.code, 'refused', `${what}: ${String(error.cause)}`);
    assert.match(error.detail!, /\/data\/?\S*/, what);
    assert.deepEqual(bytesOf(disk), before, what);
    assert.ok(!report.ok, what);
    outcomes.refused += 1;
  } finally {
    await store.close();
    disk.kill();
  }
};

/** What no start reads: it stands in front of the newest snapshot, and a check alone looks at it. */
const isSpare = ({ segments, newest }: Whole, file: string): boolean =>
  file.includes('/journal/') ? Number(basename(file, '.log')) <= segments.at(-4)! : !file.includes(String(newest));

const bytesOf = (disk: SimulatedDisk): string[] =>
  disk.files().map((path) => `${path} ${disk.bytes(path).toString('latin1')}`);

/** One bit of each byte, or of each of some, of the first `length` bytes of a file. */
const flipAll = async (
  whole: Whole,
  path: string,
  outcomes: Outcomes,
  length = whole.disk.bytes(path).length,
): Promise<void> => {
  const step = PLACES === 0 ? 1 : Math.max(1, Math.floor(length / PLACES));
  for (let at = 0; at < length; at += step) {
    const left = whole.disk.twin();
    const bytes = left.bytes(path);
    bytes[at]! ^= 1 << (at % 8);
    left.put(path, bytes);
    await survives(left, whole, `byte ${at} of ${path}`, outcomes);
  }
};

test(
  '[FS-33] [FS-61] a flip in any byte of the journal that counts is refused or changes no answer, and is found',
  LIMIT,
  async (t) => {
    const whole = await grown(t);
    const outcomes = new Outcomes();
    const { links } = await readChain(whole.disk, `${DATA}/journal`);
    assert.ok(links.length >= 4);
    for (const { path, validBytes } of links) await flipAll(whole, path, outcomes, validBytes);
    assert.ok(outcomes.refused > 0 && outcomes.opened > 0);
    t.diagnostic(outcomes.toString());
  },
);

test('[FS-33] a newline that is damaged hides no line: neither the end of a batch nor the evidence behind it', async (t) => {
  const whole = await grown(t);
  const outcomes = new Outcomes();
  const newest = segment(whole.segments.at(-1)!);
  const bytes = whole.disk.bytes(newest);
  const first = bytes.indexOf('\n');
  for (let at = bytes.indexOf('\n', first + 1); at < bytes.length - 1; at = bytes.indexOf('\n', at + 1)) {
    const left = whole.disk.twin();
    damage(left, newest, (held) => held.fill('J', at, at + 1));
    await survives(left, whole, `the newline at ${at}`, outcomes);
  }
  const left = whole.disk.twin();
  // As by an editor that writes the lines in the way of its own.
  damage(left, newest, (held) => Buffer.from(held.toString('latin1').replaceAll('}\n', '}\r'), 'latin1'));
  await survives(left, whole, 'every newline', outcomes);
  assert.ok(outcomes.opened >= 5, outcomes.toString());
});

test('[FS-34] [FS-61] a flip in any byte of the newest snapshot changes no answer, and is found', LIMIT, async (t) => {
  const whole = await grown(t);
  const outcomes = new Outcomes();
  for (const name of ['conversations.json', 'messages.json', 'directory.json', 'manifest.json']) {
    await flipAll(whole, snapshotFile(whole.newest, name), outcomes);
  }
  // Each bit of what is not a message: there is little of it, and it is what a reader goes by.
  const path = snapshotFile(whole.newest, 'messages.json');
  const key = whole.disk.bytes(path).indexOf('"c":[');
  for (let bit = 0; bit < 40; bit += 1) {
    const left = whole.disk.twin();
    const bytes = left.bytes(path);
    bytes[key + (bit >> 3)]! ^= 1 << (bit & 7);
    left.put(path, bytes);
    await survives(left, whole, `bit ${bit} of the name of a conversation`, outcomes);
  }
  t.diagnostic(outcomes.toString());
});

test('[FS-37] [FS-61] a flip in any byte of the manifest changes no answer, and is found', LIMIT, async (t) => {
  const whole = await grown(t);
  const outcomes = new Outcomes();
  await flipAll(whole, `${DATA}/manifest.json`, outcomes);
  t.diagnostic(outcomes.toString());
});

test('[FS-37] a digit of the epoch, a letter of the keeper, a name of a field: none is believed', async (t) => {
  const whole = await grown(t);
  const text = whole.disk.bytes(`${DATA}/manifest.json`).toString();
  for (const [from, to] of [
    [`"epoch": ${whole.epoch}`, `"epoch": ${whole.epoch + 4}`],
    [`"keeper": "0`, `"keeper": "1`],
    ['"keeper"', '"kueper"'],
    ['"crc32"', '"crc33"'],
    ['"cleanPosition": null', '"cleanPosition": 1'],
  ] as const) {
    const left = whole.disk.twin();
    assert.ok(text.includes(from), from);
    left.put(`${DATA}/manifest.json`, Buffer.from(text.replace(from, to)));
    await survives(left, whole, to, new Outcomes());
    assert.ok(left.files().includes(`${DATA}/quarantine/manifest.json`), to);
  }
});

test('[FS-37] a manifest that an early version wrote, without a checksum, is read', async (t) => {
  const whole = await grown(t);
  const left = whole.disk.twin();
  const paths = left.files().filter((path) => path.endsWith('/manifest.json'));
  assert.equal(paths.length, 3);
  for (const path of paths) {
    const { crc32, ...early } = JSON.parse(left.bytes(path).toString()) as { crc32: string };
    assert.deepEqual(sealJson(early), left.bytes(path));
    assert.match(crc32, /^[0-9a-f]{8}$/);
    left.put(path, Buffer.from(`${JSON.stringify(early, null, 2)}\n`));
  }
  assert.deepEqual((await verifyFileStore(DATA, left)).findings, []);
  const { store, writer, told } = await openOn(t, left);
  assert.deepEqual(await answers(store), whole.held);
  assert.deepEqual([writer.opened.keeper, writer.opened.epoch, told.lines], [whole.keeper, whole.epoch + 1, []]);
});

test(
  '[FS-33] [FS-36] a segment cut short, missing, swapped, doubled or of another store is refused or changes no answer',
  LIMIT,
  async (t) => {
    const whole = await grown(t);
    const outcomes = new Outcomes();
    const spoiled = async (what: string, spoil: (left: SimulatedDisk) => Promise<void> | void): Promise<void> => {
      const left = whole.disk.twin();
      await spoil(left);
      await left.syncDirectory(`${DATA}/journal`);
      await survives(left, whole, what, outcomes);
    };
    const stranger = await opened(t);
    await say(stranger.writer, 'x', 3);
    await stranger.store.close();
    const foreign = stranger.disk.bytes(segment(1));
    const { links } = await readChain(whole.disk, `${DATA}/journal`);
    const after = whole.segments.at(-1)! + 1;
    for (const { number, path, validBytes } of links) {
      const bytes = whole.disk.bytes(path);
      // Of the newest the last line is evidence only: without it the batch in front of it is no less there.
      const { unproven, end } = await readSegment(whole.disk, path);
      assert.ok(validBytes !== undefined || (unproven.length === 0 && end === bytes.length));
      const counts = validBytes ?? bytes.lastIndexOf('\n', bytes.length - 2) + 1;
      await spoiled(`${path} missing`, (left) => left.unlink(path));
      const step = PLACES === 0 ? 1 : Math.max(1, Math.floor(counts / (PLACES / 3)));
      const next = links.find(({ header }) => header.previous?.segment === number);
      const harmless = new Set<number>();
      await readSegment(whole.disk, path, {
        batch: ({ through, end }) => {
          if (next !== undefined && through >= next.header.after) harmless.add(end);
        },
      });
      if (validBytes !== undefined) {
        for (let length = 0; length < counts; length += step) {
          // What is cut off there stands in the next segment again: a power cut may do so, and nothing is missing.
          if (harmless.has(length)) continue;
          await spoiled(`${path} cut to ${length} bytes`, (left) => left.put(path, bytes.subarray(0, length)));
        }
      }
      for (const copy of [after, after + 7]) {
        await spoiled(`${path} doubled as ${copy}`, (left) => left.put(segment(copy), bytes));
      }
      await spoiled(`${path} of another store`, (left) => left.put(path, foreign));
      for (const other of links.filter((link) => link.number > number)) {
        await spoiled(`${path} and ${other.path} swapped`, (left) => {
          left.put(path, whole.disk.bytes(other.path));
          left.put(other.path, bytes);
        });
        await spoiled(`${other.path} in the place of ${path}`, (left) => left.put(path, whole.disk.bytes(other.path)));
        await spoiled(`${path} in the place of ${other.path}`, (left) => left.put(other.path, bytes));
      }
    }
    await spoiled('one more, of another store', (left) => left.put(segment(after), foreign));
    t.diagnostic(outcomes.toString());
  },
);

test(
  '[FS-33] [FS-36] after a stop in good order the newest segment cut short or flipped is refused or changes no answer',
  LIMIT,
  async (t) => {
    const { disk, store, writer } = await opened(t);
    await say(writer, 'a', 2);
    await store.takeSnapshot();
    await say(writer, 'b', 3);
    const held = await answers(store);
    // There is no room for the snapshot of the stop: what was synced stands in the manifest alone.
    disk.fault = ({ op, path }) => (op === 'open' && path === segment(3) ? { code: 'ENOSPC' } : undefined);
    await store.close();
    disk.fault = undefined;
    disk.kill();
    const { keeper, epoch } = writer.opened;
    const newest = store.health().lastSnapshot!.position;
    const whole: Whole = { disk, held, keeper: keeper!, epoch, newest, segments: [-1, 0, 1, 2] };
    const outcomes = new Outcomes();
    const bytes = disk.bytes(segment(2));
    const counts = (await readSegment(disk, segment(2))).unproven.at(-1)!.end;
    for (let length = 0; length < counts; length += PLACES === 0 ? 1 : Math.ceil(counts / PLACES)) {
      const left = disk.twin();
      left.put(segment(2), bytes.subarray(0, length));
      await survives(left, whole, `cut to ${length} bytes`, outcomes);
    }
    await flipAll(whole, segment(2), outcomes, counts);
    // A line of evidence that stands between two batches, where the machine was slow, can be flipped without harm.
    assert.ok(outcomes.refused > outcomes.opened);
    t.diagnostic(outcomes.toString());
  },
);

test('[FS-33] [FS-34] [FS-37] two files damaged at once are refused or change no answer', LIMIT, async (t) => {
  const whole = await grown(t);
  const outcomes = new Outcomes();
  const { links } = await readChain(whole.disk, `${DATA}/journal`);
  const counting = new Map(links.map(({ path, validBytes }) => [path, validBytes]));
  const files = whole.disk.files().filter((path) => counting.has(path) || /\/(snapshots\/|manifest)/.test(path));
  const random = seededRandom(SEED);
  const rounds = PLACES === 0 ? 200 : 1;
  for (const [i, first] of files.entries()) {
    for (const second of files.slice(i + 1)) {
      for (let round = 0; round < rounds; round += 1) {
        const left = whole.disk.twin();
        const places = [first, second].map((path) => {
          const bytes = left.bytes(path);
          const at = Math.floor(random() * (counting.get(path) ?? bytes.length));
          bytes[at]! ^= 1 << (at % 8);
          left.put(path, bytes);
          return `byte ${at} of ${path}`;
        });
        await survives(left, whole, `${places.join(' and ')}, GUICHET_SEED=${SEED}`, outcomes);
      }
    }
  }
  assert.ok(outcomes.refused > 0 && outcomes.opened > 0);
  t.diagnostic(outcomes.toString());
});

test('[FS-34] a snapshot under the position of another is put in quarantine', async (t) => {
  const whole = await grown(t);
  const names = ['conversations.json', 'messages.json', 'directory.json', 'manifest.json'];
  for (const position of [whole.newest + 1, whole.newest + 50]) {
    const left = whole.disk.twin();
    await left.makeDirectory(snapshotFile(position, '').slice(0, -1));
    for (const name of names) left.put(snapshotFile(position, name), left.bytes(snapshotFile(whole.newest, name)));
    await survives(left, whole, `a second name ${position}`, new Outcomes());
    assert.ok(left.files().some((path) => path.startsWith(`${DATA}/quarantine/`)));
  }
});
