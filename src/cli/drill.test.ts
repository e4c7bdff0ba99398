import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { runCli } from '../../test/support/run-cli.ts';
import type { DrillStep } from './drill/steps.ts';

test('a drill survives what it does, says so, and leaves nothing behind', { timeout: 600_000 }, async () => {
  const { code, stdout, stderr } = await runCli(['drill', '--json']);
  assert.equal(stderr, '');
  const { ok, steps } = JSON.parse(stdout) as { ok: boolean; steps: DrillStep[] };
  assert.deepEqual(
    steps.flatMap(({ wrong }) => wrong),
    [],
  );
  assert.deepEqual([code, ok], [0, true]);
  const [kill, lost, damage, full] = steps;
  assert.deepEqual([kill?.step, lost?.step, damage?.step], ['kill', 'lost', 'damage']);
  assert.ok(steps.every(({ acknowledged }) => acknowledged >= 400));
  assert.equal(kill?.rounds, 3);
  assert.match(damage?.found ?? '', /journal.*damaged at byte \d+/);
  if (full !== undefined) assert.ok((full.unsaved ?? 0) > 0, 'the disk was never full');
  const [place = ''] = /\/\S*guichet-drill-\w+/.exec(damage?.found ?? '') ?? [];
  assert.ok(place !== '' && !existsSync(place));
});

test('a drill speaks the language of the terminal', async () => {
  const { code, stdout } = await runCli(['drill', '--help'], { env: { LANG: 'fr_FR.UTF-8' } });
  assert.equal(code, 0);
  assert.match(stdout, /guichet drill : |guichet drill: montre sur un serveur privé/);
});
