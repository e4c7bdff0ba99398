import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';

const file = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

const pairsIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]));

test('[AC-25] the image starts with the commands that are shown for it, and with nothing else refuses to', async () => {
  const image = await file('Dockerfile');
  const own = pairsIn(/^ENV (.*)$/m.exec(image)![1]!);
  assert.throws(() => loadConfig([], own), /plain_http/);
  const operations = await file('docs/operations.md');
  const commands = [image, operations].map((text) => /docker run(?:\\\n|.)*/.exec(text)![0]);
  const behindProxy = /`-e PUBLIC_URL=.*?`/.exec(operations)![0].replace('ADDRESSES', '172.17.0.1');
  for (const shown of [...commands, behindProxy]) {
    const given = pairsIn([...shown.matchAll(/-e (\S+=[^\s`]+)/g)].map(([, pair]) => pair).join(' '));
    assert.notDeepEqual(given, {});
    assert.equal(loadConfig([], { ...own, ...given }).host, '0.0.0.0');
  }
});
