import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { pngOf } from '../support/pictures.ts';
import { acknowledgedStampOf, assertNoComplaints, openCounter, stampOf } from './people.ts';

const VERMILION = [196, 57, 29] as const;
const picture = { name: 'receipt.png', mimeType: 'image/png', buffer: Buffer.from(pngOf(520, 300, VERMILION)) };
const text = { name: 'notes été.txt', mimeType: 'text/plain', buffer: Buffer.from('déjà vu\n'.repeat(200)) };
const page = { name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<!doctype html><script>1</script>') };

/** Colour in the middle of a canvas, and the box it takes. */
const drawn = async (canvas: Locator): Promise<{ colour: number[]; width: number; height: number }> => {
  await canvas.and(canvas.page().locator('.drawn')).waitFor();
  return canvas.evaluate((element) => {
    const place = element as HTMLCanvasElement;
    const { width, height } = place.getBoundingClientRect();
    const { data } = place.getContext('2d')!.getImageData(place.width / 2, place.height / 2, 1, 1);
    return { colour: [...data.slice(0, 3)], width: Math.round(width), height: Math.round(height) };
  });
};

/** Brings files over an element as a person does who drags them from a folder. */
const dropOn = async (target: Locator, name: string, content: string): Promise<void> => {
  await target.evaluate(
    (element, given) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([given.content], given.name, { type: 'text/plain' }));
      for (const type of ['dragover', 'drop']) {
        element.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    },
    { name, content },
  );
};

test('files go both ways, survive a reload without a network, and are what they are', async (t) => {
  const counter = await openCounter(t);
  if (counter === undefined) return;
  const { server, agent, visitor } = counter;
  const picker = visitor.panel.locator('.picker');
  const send = (): Promise<void> => visitor.panel.getByRole('button', { name: 'Send' }).click();

  await t.test('a conversation begins with an image alone, drawn for the agent in its own shape', async () => {
    await picker.setInputFiles([picture, text]);
    await visitor.panel.getByRole('button', { name: 'Remove notes été.txt' }).click();
    await send();
    await acknowledgedStampOf(visitor.panel.locator('.message')).waitFor();
    await agent.openConversation('receipt.png');
    const seen = await drawn(agent.page.locator('.conversation .picture canvas'));
    assert.deepEqual(seen, { colour: [...VERMILION], width: 260, height: 150 });
    assert.deepEqual((await drawn(visitor.panel.locator('.picture canvas'))).colour, [...VERMILION]);
  });

  await t.test('a file is dropped by the agent and saved by the visitor, byte by byte', async () => {
    await dropOn(agent.page.locator('.conversation .composer'), 'answer.txt', 'Two bottles left.');
    await agent.page.locator('.chosen').getByText('answer.txt').waitFor();
    await agent.say('Here is the list.');
    const message = visitor.message('Here is the list.');
    const [saved] = await Promise.all([
      visitor.page.waitForEvent('download'),
      message.getByRole('button', { name: 'File answer.txt: save it' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'answer.txt');
    assert.equal(await readFile(await saved.path(), 'utf8'), 'Two bottles left.');
  });

  await t.test('what was sent without a network waits in the browser with its content, and goes once', async () => {
    await visitor.page.context().setOffline(true);
    await picker.setInputFiles([text]);
    await visitor.say('As promised.');
    await stampOf(visitor.message('As promised.'), 'sending').waitFor();
    // The page is loaded anew from the server, and finds no way to its calls.
    await visitor.page.route('**/attachments', (route) => route.abort());
    await visitor.page.context().setOffline(false);
    await visitor.page.reload();
    await visitor.openPanel();
    await visitor.message('As promised.').getByText('notes été.txt').waitFor();
    await stampOf(visitor.message('As promised.'), 'sending').waitFor();
    await visitor.page.unroute('**/attachments');
    await stampOf(visitor.message('As promised.'), 'read').waitFor();
    assert.equal(await agent.message('As promised.').count(), 1);
    await agent.message('As promised.').getByText('notes été.txt').waitFor();
  });

  await t.test('what is not what it says it is stays with its sender, who is told why', async () => {
    await picker.setInputFiles([page]);
    await send();
    const failed = visitor.panel.locator('.message.failed');
    await failed.getByText('Files of this kind are not accepted here.').waitFor();
    await failed.getByRole('button', { name: 'Discard' }).click();
    await failed.waitFor({ state: 'detached' });
  });

  await t.test('a file that is too large is not even begun', async () => {
    await visitor.panel.locator('form').evaluate((element) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(10_000_001)], 'film.mp4'));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await visitor.panel.getByText('film.mp4 is too large: 10 MB at most.').waitFor();
  });

  await t.test('a redaction takes the file away from both', async () => {
    await agent.page.locator('.conversation .message', { has: agent.page.locator('.picture') }).hover();
    await agent.page.locator('.conversation .message .redact').first().click();
    await agent.page.getByRole('button', { name: 'Remove it' }).click();
    await visitor.panel.locator('.picture').waitFor({ state: 'detached' });
    await agent.page.locator('.conversation .picture').waitFor({ state: 'detached' });
  });

  const kept = readdirSync(join(server.dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  assert.equal(kept.filter((entry) => entry.isFile()).length, 3);
  assertNoComplaints(agent, visitor);
});
