import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLinks } from './links.ts';

const links = (text: string): string[] => findLinks(text).flatMap(({ href }) => (href === undefined ? [] : [href]));

test('http and https addresses are found, without the marks of the sentence around them', () => {
  assert.deepEqual(links('See https://a.example/x?y=1#z, or (http://b.example/p_(q)).'), [
    'https://a.example/x?y=1#z',
    'http://b.example/p_(q)',
  ]);
  assert.deepEqual(links('« https://a.example/é » : https://b.example/!'), [
    'https://a.example/é',
    'https://b.example/',
  ]);
});

test('nothing but http and https becomes a link', () => {
  const hostile =
    'javascript:alert(1) data:text/html,x ftp://x.example www.x.example xhttps://x.example https:// http://[';
  assert.deepEqual(links(hostile), []);
});

test('the pieces are the text again', () => {
  for (const text of ['', 'plain', 'a https://x.example. b', 'https://x.example', '<b>https://x.example</b>']) {
    assert.equal(
      findLinks(text)
        .map((piece) => piece.text)
        .join(''),
      text,
    );
  }
});
