import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { call } from '../support/call.ts';
import { assertNoComplaints, openCounter } from './people.ts';

/** Written from right to left: what stands beside it would change its place. */
const VISITOR = 'דנה כהן';
const SUBJECT = 'שעות פתיחה';
const AGENT = 'רון לוי';

/** Where a name stands and can turn what is around it: nothing isolates it, or something isolates it with other text. */
const exposed = (area: Locator, names: readonly string[]): Promise<string[]> =>
  area.evaluate((root, wanted) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let met = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      const name = wanted.find((each) => text.includes(each));
      if (name === undefined || node.parentElement?.closest('option, .text')) continue;
      met += 1;
      if (text.includes(`\u2068${name}\u2069`)) continue;
      let element = node.parentElement;
      while (element && !/isolate|plaintext/.test(getComputedStyle(element).unicodeBidi))
        element = element.parentElement;
      if (element?.textContent?.trim() !== name) found.push(`${element?.outerHTML}`);
    }
    return met === 0 ? ['no name was met'] : found;
  }, names);

test('[AC-29] on both faces a name turns nothing around it', async (t) => {
  const counter = await openCounter(t);
  if (counter === undefined) return;
  const { server, agent, visitor } = counter;
  await visitor.say('hello');
  await agent.openConversation('hello');

  const ask = async (method: string, path: string, body?: unknown, token?: string) => {
    // biome-ignore lint/suspicious/noExplicitAny: each answer is looked at once
    const answer = await call<any>(server, method, path, body, token);
    assert.ok(answer.status < 300, JSON.stringify(answer));
    return answer.body;
  };
  const { conversations } = await ask('GET', '/conversations');
  const { agents } = await ask('GET', '/agents');
  const [{ id }] = conversations;
  await ask('PATCH', `/agents/${agents[0].id}`, { name: AGENT });
  await ask('PUT', `/labels/l1`, { name: SUBJECT, color: '#000000' });
  const more = { name: 'Ron', email: 'ron@loriot.example', role: 'agent', password: 'a long password' };
  const { agent: other } = await ask('POST', '/agents', { ...more, name: AGENT });
  await ask('PATCH', `/conversations/${id}`, { subject: SUBJECT, agentId: other.id, labels: ['l1'] });
  const said = { id: 'a1', content: 'good day', senderId: other.id, senderType: 'AGENT' };
  await ask('POST', `/conversations/${id}/messages`, said);
  const known = { name: VISITOR, attributes: { [SUBJECT]: AGENT } };
  await ask('PATCH', '/visitors/me', known, await visitor.token());

  await agent.page.reload();
  await agent.connected();
  await agent.page.locator('.conversation .message', { hasText: 'good day' }).waitFor();
  await agent.page.locator('.row', { hasText: VISITOR }).waitFor();
  await agent.page.locator('.event', { hasText: AGENT }).waitFor();
  await agent.page.locator('.label-chip', { hasText: SUBJECT }).first().waitFor();
  assert.deepEqual(await exposed(agent.page.locator('body'), [VISITOR, SUBJECT, AGENT]), []);

  await visitor.page.reload();
  await visitor.openPanel();
  await visitor.panel.locator('h2', { hasText: AGENT }).waitFor();
  assert.deepEqual(await exposed(visitor.panel, [AGENT]), []);
  assertNoComplaints(agent, visitor);
});
