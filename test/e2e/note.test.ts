import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { AgentPage, assertNoComplaints, stampOf, VisitorPage } from './people.ts';

const SECRET = 'between-ourselves-4711';

test('a note reaches no visitor: not the screen, not a frame, not an answer, not after a reload', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const agent = await AgentPage.setUp(browser, server);
  const visitor = await VisitorPage.open(browser, server.url);
  const traffic: string[] = [];
  visitor.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => traffic.push(String(payload)));
  });
  visitor.page.on('response', (response) => {
    if (response.url().includes('/api/'))
      response.text().then(
        (text) => traffic.push(text),
        () => {},
      );
  });

  await visitor.openPanel();
  await visitor.say('hello');
  await agent.openConversation('hello');
  await agent.say(SECRET, 'Private note');
  await stampOf(agent.message(SECRET), 'stored').waitFor();
  await agent.say('good morning');
  await visitor.message('good morning').waitFor();
  assert.deepEqual(await visitor.messages.allInnerTexts(), ['hello', 'good morning']);

  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.message('good morning').waitFor();
  assert.deepEqual(await visitor.messages.allInnerTexts(), ['hello', 'good morning']);
  assert.ok(
    traffic.some((text) => text.includes('good morning')),
    'the traffic was really looked at',
  );
  for (const text of traffic) assert.ok(!text.includes(SECRET) && !text.includes('"note"'), text);
  await agent.page.locator('.message.note', { hasText: SECRET }).waitFor();
  assertNoComplaints(agent, visitor);
});
