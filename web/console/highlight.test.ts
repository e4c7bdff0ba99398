import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerpt } from './highlight.ts';

const marked = (text: string, query: string): string =>
  excerpt(text, query)
    .map(({ text: piece, hit }) => (hit ? `[${piece}]` : piece))
    .join('');

test('what is marked is what the server looked for: beginnings of words, case and accents aside', () => {
  assert.equal(marked('Où est ma facture ? La facturation', 'fact'), 'Où est ma [fact]ure ? La [fact]uration');
  assert.equal(marked('Élodie, L’ÉTÉ', 'ele ete'), 'Élodie, L’[ÉTÉ]');
  assert.equal(marked('Élodie', 'elo'), '[Élo]die');
  assert.equal(marked('E\u0301lodie', 'elo'), '[E\u0301lo]die', 'also where the accent stands alone');
  assert.equal(marked('manufacture', 'fact'), 'manufacture', 'not in the middle of a word');
  assert.equal(marked('a.b (c)', '.*'), 'a.b (c)');
});

test('of a long text the part around the first hit is shown', () => {
  const text = `${'word '.repeat(100)}needle ${'word '.repeat(100)}`;
  const shown = marked(text, 'needle');
  assert.ok(shown.startsWith('…') && shown.endsWith('…') && shown.includes('[needle]'));
  assert.ok(shown.length < 160);
});
