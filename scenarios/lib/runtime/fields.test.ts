import { expect, test } from 'vitest';
import { fieldsOf } from './fields.ts';

const answer = (body: string) => ({ json: (): unknown => JSON.parse(body) });

test('an object has its fields', () => {
  expect(fieldsOf(answer('{"id":"a","projects":[]}'))).toEqual({ id: 'a', projects: [] });
});

test.each(['', '<html>', 'null', '7', '"id"', '{'])('an answer of %j has none', (body) => {
  expect(fieldsOf(answer(body)).id).toBeUndefined();
});
