import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import {
  AgentPage,
  acknowledgedStampOf,
  assertNoComplaints,
  openConversation,
  stampOf,
  VisitorPage,
} from './people.ts';

test('a conversation goes on, without a reload, when the server is killed and started again', async (t) => {
  const conversation = await openConversation(t);
  if (conversation === undefined) return;
  const { server, agent, visitor } = conversation;
  for (const { page } of [agent, visitor]) await page.evaluate('window.neverReloaded = true');

  await server.kill9();
  await visitor.say('from the visitor, while it was down');
  await agent.say('from the agent, while it was down');
  await stampOf(visitor.message('while it was down'), 'sending').waitFor();
  await stampOf(agent.message('while it was down'), 'sending').waitFor();
  await visitor.panel.getByText('No connection').waitFor();
  // Nor is anybody said to be there, or not to be.
  await visitor.panel.locator('.presence').waitFor({ state: 'detached' });
  // The visitor is first at the counter: the agent's reply was written without having seen it, and asks before it goes.
  await agent.page.context().setOffline(true);
  await server.restart();
  await acknowledgedStampOf(visitor.message('while it was down')).waitFor();
  await visitor.panel.locator('.presence').waitFor();
  await agent.page.context().setOffline(false);
  await agent.message('from the visitor').waitFor();
  await agent.page.getByRole('button', { name: 'Send it as it is' }).click();
  await visitor.message('from the agent').waitFor();
  await visitor.say('after');
  await agent.message('after').waitFor();
  assert.deepEqual(await visitor.messages.allInnerTexts(), [
    'before',
    'heard',
    'from the visitor, while it was down',
    'from the agent, while it was down',
    'after',
  ]);
  assert.deepEqual(await agent.messages.allInnerTexts(), await visitor.messages.allInnerTexts());
  for (const { page } of [agent, visitor]) assert.equal(await page.evaluate('window.neverReloaded'), true);
  assertNoComplaints(agent, visitor);
});

test('what could not be sent survives the page as well as the server', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const visitor = await VisitorPage.open(browser, server.url);
  await visitor.openPanel();
  await server.kill9();
  await visitor.say('first words, said to nobody');
  await visitor.say('and more of them');
  await stampOf(visitor.message('and more'), 'sending').waitFor();
  await visitor.page.goto('about:blank');
  await server.restart();
  await visitor.page.goto(`${server.url}/demo`);
  await visitor.openPanel();
  await acknowledgedStampOf(visitor.message('said to nobody')).waitFor();
  await acknowledgedStampOf(visitor.message('and more')).waitFor();
  assert.deepEqual(await visitor.messages.allInnerTexts(), ['first words, said to nobody', 'and more of them']);
  const agent = await AgentPage.setUp(browser, server);
  await agent.openConversation('and more');
  assert.deepEqual(await agent.messages.allInnerTexts(), ['first words, said to nobody', 'and more of them']);
  assertNoComplaints(agent, visitor);
});
