import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrace } from './trace.ts';

const phases = (text: string) =>
  readTrace(text).map(({ phase, name, target, result }) => [phase, name, target, result]);

test('a call is there when it begins and when it ends, whoever came between', () => {
  assert.deepEqual(
    phases(
      [
        '7 fdatasync(4</a/journal/1.log> <unfinished ...>',
        '8 write(9<TCP:[1->2]>, "text (with = 3)", 15) = 15',
        '7 <... fdatasync resumed>)          = -1 EIO (Input/output error) (INJECTED)',
      ].join('\n'),
    ),
    [
      ['begin', 'fdatasync', '/a/journal/1.log', undefined],
      ['begin', 'write', 'TCP:[1->2]', undefined],
      ['end', 'write', 'TCP:[1->2]', 15],
      ['end', 'fdatasync', '/a/journal/1.log', -1],
    ],
  );
});

test('a call in which its process was killed began, and what it sent may have arrived', () => {
  const begun = [['begin', 'write', 'TCP:[1->2]', undefined]];
  assert.deepEqual(phases('8 write(9<TCP:[1->2]>, "a", 1)  = ?\n8 +++ killed by SIGKILL +++'), begun);
  assert.deepEqual(
    phases('8 write(9<TCP:[1->2]>, "a", 1 <unfinished ...>\n8 <... write resumed>)  = ?\n8 +++ killed by SIGKILL +++'),
    begun,
  );
});
