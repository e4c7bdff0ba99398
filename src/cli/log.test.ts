import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import pino from 'pino';
import { jsonLines } from './log.ts';
import { prettyLines, prettySerializers } from './pretty-log.ts';

const FORGED = '[12:00:00] INFO: agent signed in';
const HOSTILE = [
  `x\n${FORGED}`,
  `x\r\n${FORGED}`,
  `x\r${FORGED}`,
  `x\u2028${FORGED}`,
  `x\u0085${FORGED}`,
  `\u001b[2J\u001b[1;1H${FORGED}`,
  `\u001b]0;title\u0007`,
  `\u009b2K${FORGED}`,
  `\u202e${FORGED}`,
  `\\n${FORGED}`,
  `\\\n${FORGED}`,
] as const;

/** What is written of one entry, by the log of a terminal or by JSON lines. */
const written = (write: (log: pino.Logger) => void, how: 'pretty' | 'json'): string => {
  let text = '';
  const place = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const pretty = how === 'pretty';
  write(
    pino(
      { base: null, ...(pretty && { serializers: prettySerializers }) },
      pretty ? prettyLines(place, false) : jsonLines(place),
    ),
  );
  return text;
};

const entries = (hostile: string): readonly ((log: pino.Logger) => void)[] => [
  (log) => log.info({ name: hostile, [hostile]: 1, inner: { deep: [hostile] } }, 'a visitor'),
  (log) => log.warn(hostile),
  (log) => log.error({ err: new Error(hostile, { cause: new TypeError(hostile) }) }, 'failed'),
  (log) => log.error({ err: Object.assign(new Error('x'), { detail: hostile, stack: hostile }) }, 'failed'),
  (log) => log.error(new Error(hostile)),
];

test('[AC-30] a terminal shows what visitors send as text: no cursor moves, no line appears', () => {
  for (const hostile of HOSTILE) {
    for (const [i, entry] of entries(hostile).entries()) {
      const text = written(entry, 'pretty');
      assert.ok(!/[\p{Cc}\u2028-\u202e]/u.test(text.replaceAll('\n', '')), JSON.stringify(text));
      // An entry begins at the edge of the terminal; all that belongs to one stands further in.
      const [first = '', ...rest] = text.trimEnd().split('\n');
      assert.match(first, /^\[\d\d:\d\d:\d\d/, `entry ${i}`);
      for (const line of rest) assert.match(line, /^ {4}/, JSON.stringify(text));
      // Nor does a message make lines of its own in a stack; what somebody put there as one is theirs to break.
      if (i !== 3) for (const line of rest) assert.ok(!line.trim().startsWith(FORGED), JSON.stringify(text));
    }
  }
});

test('[AC-30] the stack of an error keeps its lines on a terminal, and its causes', () => {
  const error = new Error('outer', { cause: new TypeError('inner') });
  const text = written((log) => log.error({ err: error }, 'failed'), 'pretty');
  assert.ok(text.split('\n').filter((line) => /^\s+at /.test(line)).length >= 4, text);
  assert.match(text, /caused by: TypeError: inner/);
});

test('[AC-30] a JSON line is one line, acts on no terminal, and says what was sent', () => {
  for (const hostile of HOSTILE) {
    for (const entry of entries(hostile)) {
      const text = written(entry, 'json');
      assert.equal(text.indexOf('\n'), text.length - 1, 'one line');
      assert.ok(!/[\p{Cc}\u2028-\u202e]/u.test(text.slice(0, -1)), JSON.stringify(text));
    }
    assert.equal(JSON.parse(written(entries(hostile)[0]!, 'json')).name, hostile);
  }
});
