import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newAgent, newVisitor, startTestApp } from '../support/app.ts';
import { PNG } from '../support/pictures.ts';
import { tempDir } from '../support/temp-dir.ts';
import { undoAfter } from '../support/undo-after.ts';

const BYTES = { 'content-type': 'application/octet-stream' };
const idOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

const begun = async (t: TestContext, flags: string[] = []) => {
  const blobs = tempDir(t);
  const app = await startTestApp(t, { flags: [`--blobs=${blobs}`, ...flags] });
  const visitor = await newVisitor(app);
  const { token } = visitor;
  await app.ask('POST', '/conversations', { token, body: { id: 'c1' } });
  const upload = async (content: string | Uint8Array<ArrayBuffer>, who = token, to = 'c1') => {
    const { status, body } = await app.ask('POST', `/conversations/${to}/attachments`, {
      ...{ token: who, raw: content, headers: BYTES },
    });
    assert.equal(status, 201, JSON.stringify(body));
    return body.attachment;
  };
  const post = (id: string, attachments: object[], more: object = {}, who = token) =>
    app.ask('POST', '/conversations/c1/messages', { token: who, body: { id, content: '', attachments, ...more } });
  return { app, blobs, visitor, token, upload, post };
};

const kept = (blobs: string): string[] =>
  readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('[BL-1] [BL-11] what is uploaded is named by a message, and comes back by it to both sides', async (t) => {
  const { app, token, upload, post, blobs } = await begun(t);
  const agent = await newAgent(app, 'ann');
  const picture = await upload(PNG);
  const { receipt, ...facts } = picture;
  assert.deepEqual(facts, { id: idOf(PNG), size: PNG.length, type: 'image/png', width: 3, height: 2 });
  assert.equal(typeof receipt, 'string');
  const named = { ...picture, name: 'hôtel "1".png' };
  const { status, body } = await post('m1', [named]);
  assert.equal(status, 201);
  const { receipt: _, ...attachment } = named;
  assert.deepEqual(body.message.attachments, [attachment]);
  assert.equal((await post('m1', [named])).status, 200);
  assert.equal((await post('m1', [{ ...named, name: 'b.png' }])).status, 409);
  const page = await app.ask('GET', '/conversations/c1/messages', { token: agent.token });
  assert.deepEqual(page.body.messages[0].attachments, [attachment]);
  for (const query of ['', '/any.png', '?seq=1', '?seq=7']) {
    for (const who of [token, agent.token, app.adminToken]) {
      const address: string = `${app.url}/api/v1/conversations/c1/attachments/${facts.id}${query}`;
      const answer = await fetch(address, { headers: { authorization: `Bearer ${who}` } });
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(PNG));
    }
  }
  assert.equal(kept(blobs).length, 1);
});

test('[BL-10] length, right and budget come before the body', async (t) => {
  const { app, token } = await begun(t, ['--attachment-max=30']);
  const calls: ClientRequest[] = [];
  undoAfter(t, () => {
    for (const call of calls) call.destroy();
  });
  /** Announces a body and sends none of it; the status of the answer, if there is one. */
  const announce = (headers: Record<string, string>, who = token): Promise<number> =>
    new Promise((resolved) => {
      const call = request(`${app.url}/api/v1/conversations/c1/attachments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${who}`, ...BYTES, ...headers },
      });
      calls.push(call);
      call.on('response', ({ statusCode }) => resolved(statusCode!));
      call.on('error', () => {});
      call.flushHeaders();
    });
  assert.equal(await announce({ 'content-length': '30000001' }), 413);
  assert.equal(await announce({ 'content-length': '1000', authorization: 'Bearer x' }), 401);
  assert.equal(await announce({ 'content-length': '1000' }, (await newVisitor(app)).token), 404);
  assert.equal(await announce({ 'transfer-encoding': 'chunked' }), 400);
  const ask = (raw: string, headers: Record<string, string> = BYTES) =>
    app.refused('POST', '/conversations/c1/attachments', { token, raw, headers });
  assert.equal((await ask('')).code, 'invalid');
  assert.match((await ask('{}', { 'content-type': 'application/json' })).detail!, /octet-stream/);
  // Those that are let in wait for their bytes: the one that is answered is the one too many.
  const many = [1, 2, 3].map(() => announce({ 'content-length': '30000000' }));
  assert.equal(await Promise.race(many), 429);
});

test('[BL-11] the content decides what a file is; what is refused leaves nothing', async (t) => {
  const { app, token, blobs } = await begun(t);
  const contents = ['<svg onload="alert(1)">', '<!doctype html><script>alert(1)</script>', 'MZ\u0000\u0001', '\u0007'];
  for (const raw of contents) {
    const asked = { token, raw, headers: { 'content-type': 'image/png' } };
    const problem = await app.refused('POST', '/conversations/c1/attachments', asked);
    assert.equal(problem.code, 'unsupported_type');
  }
  assert.deepEqual(kept(blobs), []);
  const { body } = await app.ask('GET', '/widget');
  assert.equal(body.attachments.maxBytes, 10_000_000);
  assert.ok(body.attachments.types.includes('image/png'));
});

test('[BL-12] a post names only what was uploaded to its own conversation, as what it is', async (t) => {
  const { app, upload, post, blobs } = await begun(t);
  const { token: other } = await newVisitor(app);
  await app.ask('POST', '/conversations', { token: other, body: { id: 'c2' } });
  const own = await upload('mine');
  const theirs = await upload('theirs', other, 'c2');
  const unknown = { ...own, id: idOf('never uploaded') };
  const wrong = [theirs, unknown, { ...own, type: 'text/html' }, { ...own, size: 1 }, { ...own, receipt: '' }];
  for (const each of wrong) {
    const { status, body } = await post('m1', [{ ...each, name: 'a.txt' }]);
    assert.deepEqual([status, body.code, body.detail], [409, 'attachment_gone', undefined]);
  }
  for (const name of ['', '../a', 'a\\b', 'x'.repeat(256)]) {
    assert.equal((await post('m1', [{ ...own, name }])).body.code, 'invalid');
  }
  assert.equal((await post('m1', Array(11).fill({ ...own, name: 'a' }))).status, 400);
  assert.equal((await post('m1', [])).status, 400, 'neither text nor file');
  const [path = ''] = kept(blobs).filter((each) => each.endsWith(own.id.slice(2)));
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  assert.equal((await post('m1', [{ ...own, name: 'a.txt' }])).status, 201);
});

test('[BL-13] a file is for those who may see a message that names it', async (t) => {
  const { app, token, upload, post } = await begun(t);
  const agent = await newAgent(app, 'ann');
  const { token: stranger } = await newVisitor(app);
  const secret = await upload('for the team', agent.token);
  await post('n1', [{ ...secret, name: 'a.txt' }], { kind: 'note' }, agent.token);
  const path = `/conversations/c1/attachments/${secret.id}`;
  for (const query of ['', '?seq=1', '?seq=0', '/a.txt']) {
    assert.equal((await app.ask('GET', path + query, { token: agent.token })).text, 'for the team');
    assert.equal((await app.refused('GET', path + query, { token })).code, 'not_found');
    assert.equal((await app.refused('GET', path + query, { token: stranger })).code, 'not_found');
    assert.equal((await app.refused('GET', path + query)).code, 'unauthorized');
  }
  const unnamed = await upload('not named yet');
  assert.equal((await app.refused('GET', `/conversations/c1/attachments/${unnamed.id}`, { token })).code, 'not_found');
  assert.equal((await app.refused('GET', '/conversations/c1/attachments/x', { token })).code, 'invalid');
});

test('[BL-8] [BL-13] a redaction takes the file from everybody, and from the disk', async (t) => {
  const { app, token, upload, post, blobs } = await begun(t);
  const file = await upload('a mistake');
  await post('m1', [{ ...file, name: 'a.txt' }]);
  const path = `/conversations/c1/attachments/${file.id}`;
  assert.equal((await app.ask('GET', path, { token })).status, 200);
  // As if it had been posted some time ago.
  utimesSync(kept(blobs)[0]!, 1, 1);
  await app.ask('DELETE', '/conversations/c1/messages/m1', { token: app.adminToken });
  assert.equal((await app.refused('GET', path, { token })).code, 'not_found');
  const { body } = await app.ask('GET', '/conversations/c1/messages', { token });
  assert.equal('attachments' in body.messages[0], false);
  await app.stop();
  assert.deepEqual(kept(blobs), []);
});

test('[BL-14] nothing in a file can run in our origin', async (t) => {
  const { app, token, upload, post } = await begun(t);
  const files = { 'a.png': PNG, 'b.txt': 'text', "c';x.pdf": '%PDF-1.7' };
  const uploads = [];
  for (const [name, content] of Object.entries(files)) uploads.push({ ...(await upload(content)), name });
  await post('m1', uploads);
  const heads: Record<string, string | null> = {};
  for (const { id } of uploads) {
    const { headers } = await app.ask('GET', `/conversations/c1/attachments/${id}`, { token });
    heads[headers.get('content-type')!] = headers.get('content-disposition');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'; sandbox");
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('cache-control'), 'private, no-cache');
  }
  assert.deepEqual(heads, {
    'image/png': "inline; filename*=UTF-8''a.png",
    'text/plain; charset=utf-8': "attachment; filename*=UTF-8''b.txt",
    'application/pdf': "attachment; filename*=UTF-8''c%27%3Bx.pdf",
  });
  const headers = { 'if-none-match': `"${uploads[0].id}"` };
  const again = await app.ask('GET', `/conversations/c1/attachments/${uploads[0].id}`, { token, headers });
  assert.deepEqual([again.status, again.text], [304, '']);
});
