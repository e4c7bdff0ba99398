import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Stored } from '../../src/protocol/entities.ts';
import { call } from '../support/call.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Ballast, runOnSmallDisk, smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { assertNoComplaints, openConversation, stampOf } from './people.ts';

const postElsewhere = (server: TestServer) =>
  call<{ stored: Stored }>(server, 'POST', '/conversations/elsewhere/messages', { content: 'x'.repeat(1000) });

const dir = smallDisk();

if (dir === undefined) {
  test('the disk fills in mid-conversation', (t) => runOnSmallDisk(t, fileURLToPath(import.meta.url), tempDir(t), 16));
} else {
  test('[FB-13] the disk fills and is freed during a conversation, and the marks tell the truth', async (t) => {
    const server = await startServer(t, {
      dataDir: tempDir(t, dir),
      behind: ['memory:'],
      flags: ['--snapshot-every=0'],
    });
    const ballast = new Ballast(dir);
    t.after(() => ballast.drop());
    const conversation = await openConversation(t, server);
    if (conversation === undefined) return;
    const { agent, visitor } = conversation;

    await call(server, 'POST', '/conversations', { id: 'elsewhere', userId: 'somebody-else' });
    ballast.leave(0);
    // A little room is left in the last page of the journal: others use it up.
    while ((await postElsewhere(server)).body.stored.durable);
    // Nobody waits for the disk: it is said and heard at once, and marked as what it is.
    await visitor.say('while the disk is full');
    await agent.message('while the disk is full').waitFor();
    await stampOf(visitor.message('while the disk is full'), 'unsaved').waitFor();
    assert.match(await visitor.message('while the disk is full').innerText(), /not saved yet/);
    await agent.say('I can still read you');
    await visitor.message('I can still read you').waitFor();
    await stampOf(agent.message('I can still read you'), 'unsaved').waitFor();
    await agent.page.locator('.banner a').click();
    await agent.page.locator('.verdict.warn').waitFor();
    await agent.page.locator('.tier.down', { hasText: server.dataDir }).waitFor();
    await agent.page.locator('.tier.member', { hasText: 'memory:' }).waitFor();
    await agent.page.locator('.facts', { hasText: 'is kept in memory' }).waitFor();

    ballast.drop();
    await agent.page.locator('.verdict.good').waitFor();
    await agent.page.locator('.tier.member', { hasText: server.dataDir }).waitFor();
    await agent.page.goBack();
    for (const [face, said] of [
      [visitor, 'while the disk is full'],
      [agent, 'I can still read you'],
    ] as const) {
      await face.message(said).locator('.stamp').waitFor();
      await stampOf(face.message(said), 'unsaved').waitFor({ state: 'detached' });
    }
    await visitor.say('after');
    await agent.message('after').waitFor();
    assert.deepEqual(await agent.messages.allInnerTexts(), await visitor.messages.allInnerTexts());

    await server.kill9();
    await server.restart();
    await visitor.say('and once more');
    await agent.message('and once more').waitFor();
    const expected = ['before', 'heard', 'while the disk is full', 'I can still read you', 'after', 'and once more'];
    assert.deepEqual(await visitor.messages.allInnerTexts(), expected);
    assertNoComplaints(agent, visitor);
  });
}
