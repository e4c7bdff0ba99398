import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestLog, wholeDigest } from '../src/domain/digest.ts';
import { note, patch, post, read, redact, start } from '../src/domain/testing/changes.ts';
import { ANNA, BRUNO, CLAIRE, Writer } from '../src/stores/contract/writer.ts';
import { exportLog } from '../src/stores/file/export-log.ts';
import { FileStore } from '../src/stores/file/file-store.ts';
import { STORE_FORMAT } from '../src/stores/file/manifest.ts';
import { NodeDisk } from '../src/stores/file/node-disk.ts';

// node tools/fixtures.ts writes what this version writes to test/fixtures/format-N/, for every later one to read. Run it
// once for a format, when the format is final, and never again: what is there is what people have on their disks.
const root = fileURLToPath(new URL(`../test/fixtures/format-${STORE_FORMAT}`, import.meta.url));
// Fails where one is already.
mkdirSync(fileURLToPath(new URL('../test/fixtures', import.meta.url)), { recursive: true });
mkdirSync(root);
const data = join(root, 'data');

const store = new FileStore({ directory: data, snapshotEverySeconds: 0 });
const writer = new Writer(store, await store.open());
await writer.people();
await writer.submit(start(ANNA, 'c1', { subject: 'Thé & café' }), start(BRUNO, 'c 2'));
for (let i = 1; i <= 12; i += 1) await writer.submit(post(i % 3 === 0 ? CLAIRE : ANNA, 'c1', `m${i}`));
await writer.submit(note(CLAIRE, 'c1', 'n1', { content: 'un "mot"\nentre nous 👋🏽' }), post(BRUNO, 'c 2', 'b1'));
await store.takeSnapshot();
await writer.submit(patch(CLAIRE, 'c1', { status: 'CLOSED', agentId: 'claire', labels: ['vip'] }));
await writer.submit(redact(CLAIRE, 'c1', 'm3'), read(BRUNO, 'c 2', 1));
await writer.submit(post(ANNA, 'c1', 'last', { content: 'encore là ?' }));
const digest = wholeDigest(await digestLog(store));

// Of a server that was killed: the journal goes on behind the snapshot.
const reader = new FileStore({ directory: data });
await reader.open({ reading: true });
await reader.backUp(join(root, 'backup'));
await exportLog(reader, new NodeDisk(), join(root, 'export'));
await reader.close();
const expected = { digest, position: writer.position, log: writer.opened.log, messages: 16 };
writeFileSync(join(root, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
await store.close();
for (const name of ['lock.db', 'lock.db-journal']) rmSync(join(data, name), { force: true });
