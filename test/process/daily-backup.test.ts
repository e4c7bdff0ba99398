import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FileStore } from '../../src/stores/file/file-store.ts';
import { call } from '../support/call.ts';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp-dir.ts';

test('[BK-8] a server makes the backup it missed, beside the chat, and tells of it', async (t) => {
  const dataDir = tempDir(t);
  // A log that began long ago and was never backed up.
  const store = new FileStore({ directory: dataDir });
  await store.open({ log: { id: '01942f00-0000-7000-8000-000000000000', rewinds: 0 } });
  await store.close();
  const server = await startServer(t, { dataDir, flags: ['--backup-keep', '2'] });
  await call(server, 'POST', '/conversations', { id: 'c', userId: 'u', message: { content: 'hello' } });
  type Report = { lastVerifiedBackup: { position: number } | null; lastBackupError: string | null };
  for (;;) {
    const { body } = await call<Report>(server, 'GET', '/storage');
    assert.equal(body.lastBackupError, null);
    if (body.lastVerifiedBackup !== null) break;
    await pause(100);
  }
  const [name] = readdirSync(join(dataDir, 'backup'));
  assert.match(name ?? '', /^\d{4}-\d\d-\d\d$/);
  assert.ok(server.logs.some(({ msg }) => /^The backup .* was made and read back/.test(msg)));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^guichet_backup_verified_timestamp_seconds \d{10}/m);
  assert.match(metrics, /^guichet_backup_failed 0$/m);
});
