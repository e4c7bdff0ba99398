import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as settle } from 'node:timers/promises';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { undoAfter } from '../support/undo-after.ts';
import { AgentPage } from './people.ts';

type Ill = 'none' | 'blocks upgrades' | 'keeps frames';

/** A reverse proxy as somebody might have set it up; what ails it can be changed while it runs. */
const startProxy = async (t: Parameters<typeof undoAfter>[0], server: TestServer) => {
  const proxy = { url: '', ill: 'none' as Ill };
  const { hostname, port } = new URL(server.url);
  const sockets = new Set<{ destroy: () => void }>();
  const front: Server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  front.on('upgrade', (incoming, socket, head) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (proxy.ill === 'blocks upgrades') {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    const far = connect(Number(port), hostname, () => {
      const lines = [`GET ${incoming.url} HTTP/1.1`];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
      }
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      socket.pipe(far);
      // The answer to the upgrade passes; what comes behind it is kept for a page that is never full.
      far.once('data', (first) => {
        socket.write(first);
        if (proxy.ill !== 'keeps frames') far.pipe(socket);
      });
    });
    sockets.add(far);
    far.on('error', () => socket.destroy());
    far.on('close', () => socket.destroy());
    socket.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  undoAfter(t, () => {
    for (const socket of sockets) socket.destroy();
    front.closeAllConnections();
    front.close();
  });
  proxy.url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  return proxy;
};

test('the doctor names the hop that is broken, and the line that mends it', async (t) => {
  const browser = await launchBrowser(t);
  if (!browser) return;
  const server = await startServer(t);
  const direct = await AgentPage.setUp(browser, server);
  const proxy = await startProxy(t, server);
  const context = await browser.newContext({ storageState: await direct.page.context().storageState(), locale: 'en' });
  undoAfter(t, () => context.close());
  const page = await context.newPage();
  const stateOf = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await page
        .locator('.hop')
        .evaluateAll((rows) => rows.map((row) => [row.getAttribute('data-hop'), row.className.replace('hop ', '')])),
    );
  const examined = page.locator('.page[aria-busy="false"] .verdict');
  /** The verdict may stand before the last rows are drawn. */
  const drawn = async (): Promise<void> => {
    while (Object.values(await stateOf()).some((state) => state === 'running' || state === 'waiting')) await settle(50);
  };

  await page.goto(`${proxy.url}/console#/doctor`);
  await examined.filter({ hasText: 'All is well' }).waitFor({ timeout: 60_000 });
  await drawn();
  assert.deepEqual([...new Set(Object.values(await stateOf()))], ['well']);

  const ills: [Ill, string, string, RegExp][] = [
    ['blocks upgrades', 'socket', 'does not let WebSockets through', /proxy_set_header Upgrade/],
    ['keeps frames', 'frames', 'keeps its frames back', /proxy_buffering off/],
  ];
  for (const [ill, hop, says, mends] of ills) {
    proxy.ill = ill;
    await page.getByRole('button', { name: 'Look again' }).click();
    await examined.filter({ hasText: says }).waitFor({ timeout: 60_000 });
    const states = await stateOf();
    assert.deepEqual(
      [states.browser, states.server, states[hop], states.held, states.store],
      ['well', 'well', 'broken', 'well', 'well'],
    );
    assert.match(await page.locator('.remedy').innerText(), mends);
    for (const name of ['nginx', 'Caddy', 'Traefik']) await page.getByText(name, { exact: true }).waitFor();
  }
});
