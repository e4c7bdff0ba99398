import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { closed, schemaValidator } from './schema.ts';

const schema = closed({
  name: Type.String({ maxLength: 3 }),
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  to: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
  inner: Type.Optional(closed({ size: Type.Integer() })),
});

type Result = { value?: unknown; error?: { code: string; detail: string } };

const check = (value: unknown, httpPart = 'body'): Result => {
  const validate = schemaValidator({ schema, httpPart, method: 'POST', url: '/' });
  return (validate as (given: unknown) => Result)(value);
};

test('a body is taken as it is or refused in a sentence that names the field', () => {
  const right = { name: 'abc', count: 1, to: null, kind: 'a', inner: { size: 0 } };
  assert.equal(check(right).value, right);
  const wrong: [unknown, RegExp][] = [
    [{}, /^The field "name" is missing\.$/],
    [{ name: 1 }, /^The field "name" must be string\.$/],
    [{ name: 'abcd' }, /^The field "name" must not have more than 3 characters\.$/],
    [{ name: 'a', more: 1 }, /^There is no field "more" here\.$/],
    [{ name: 'a', count: '1' }, /^The field "count" must be integer\.$/],
    [{ name: 'a', to: 1 }, /^The field "to" must be one of string, null\.$/],
    [{ name: 'a', kind: 'c' }, /^The field "kind" must be one of "a", "b"\.$/],
    [{ name: 'a', inner: { size: 1, more: 1 } }, /^There is no field "inner\.more" here\.$/],
    [{ name: 'a', inner: {} }, /^The field "inner\.size" is missing\.$/],
    [JSON.parse('{"name":"a","__proto__":{}}'), /^There is no field "__proto__" here\.$/],
    [null, /^The body must be a JSON object\.$/],
    ['x', /^The body must be a JSON object\.$/],
  ];
  for (const [value, sentence] of wrong) {
    const { error } = check(value);
    assert.equal(error?.code, 'invalid');
    assert.match(error.detail, sentence);
  }
});

test('numbers of a query are read from plain decimal text and from nothing else', () => {
  assert.deepEqual(check({ name: 'a', count: '12' }, 'querystring').value, { name: 'a', count: 12 });
  assert.deepEqual(check({ name: '12' }, 'querystring').value, { name: '12' });
  for (const count of ['', ' 1', '1e3', '0x10', '1.0', '١', 'NaN', ['1', '2']]) {
    assert.match(check({ name: 'a', count }, 'querystring').error?.detail ?? '', /"count"/, String(count));
  }
});
