import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { maskUrl, parseSingleStoreUrl, parseStoreUrls } from './store-url.ts';
import { UsageError } from './usage-error.ts';

const problemOf = (action: () => unknown): UsageError['problem'] => {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error('accepted');
};

describe('parseStoreUrls', () => {
  test('reads the default chain', () => {
    assert.deepEqual(parseStoreUrls('file:./data,memory:'), [
      { kind: 'file', name: 'file:./data', path: resolve('data') },
      { kind: 'memory', name: 'memory:' },
    ]);
  });

  test('a comma separates only in front of a scheme it knows', () => {
    const [files, database, ...none] = parseStoreUrls('file:/srv/a,b/c, postgres://u:p,w@db:5433/chat');
    assert.equal(files.kind === 'file' && files.path, resolve('/srv/a,b/c'));
    assert.equal(database?.kind === 'postgres' && database.url.password, 'p,w');
    assert.equal(none.length, 0);
  });

  test('knows the other names of the databases, in any case', () => {
    const kinds = parseStoreUrls('postgresql://a/x,MariaDB://a/x,SQLITE:x.db').map((store) => store.kind);
    assert.deepEqual(kinds, ['postgres', 'mysql', 'sqlite']);
  });

  test('takes the paths people write', () => {
    const pathOf = (text: string) => {
      const [store] = parseStoreUrls(text);
      return 'path' in store ? store.path : undefined;
    };
    assert.equal(pathOf('file:///srv/chat'), resolve('/srv/chat'));
    assert.equal(pathOf('file:~/chat'), join(homedir(), 'chat'));
    assert.equal(pathOf('file:a b'), resolve('a b'));
  });

  for (const [text, code] of [
    ['', 'store_unknown'],
    ['data', 'store_unknown'],
    ['fille:./data', 'store_unknown'],
    ['constructor:x', 'store_unknown'],
    ['file:', 'store_incomplete'],
    ['file://host/data', 'store_incomplete'],
    ['memory:x', 'store_incomplete'],
    ['postgres:chat', 'store_incomplete'],
    ['postgres://host', 'store_incomplete'],
    ['mysql://host:port/chat', 'store_incomplete'],
    ['file:./data,file:data/', 'store_repeated'],
    ['memory:,memory:', 'store_memory_not_last'],
    ['memory:,file:./data', 'store_memory_not_last'],
    ['postgres://a@h/x,postgres://b@h/x', 'store_repeated'],
  ] as const) {
    test(`refuses "${text}": ${code}`, () => assert.equal(problemOf(() => parseStoreUrls(text)).code, code));
  }

  test('no password reaches a name or a message', () => {
    const [store] = parseStoreUrls('postgres://me:hunter2@db/chat?sslpassword=hunter2');
    assert.equal(store.name, 'postgres://db/chat');
    for (const text of [
      'postgress://me:hun/ter@2@db/chat',
      'postgres://me:hunter2@db',
      'x://h/?password=hunter2&a=1',
    ]) {
      assert.doesNotMatch(JSON.stringify(problemOf(() => parseStoreUrls(text))), /hun/);
      assert.doesNotMatch(maskUrl(text), /hun/);
    }
  });

  test('a command that takes one store refuses a chain', () => {
    const problem = problemOf(() => parseSingleStoreUrl('file:./data,memory:', '--from'));
    assert.deepEqual(problem, { code: 'store_single', flag: '--from' });
  });
});
