import { beforeEach, expect, test, vi } from 'vitest';

const k6 = vi.hoisted(() => ({
  answer: { status: 200, body: '' },
  counted: new Map<string, number[]>(),
}));
vi.mock('../runtime/k6.ts', () => ({
  http: { get: () => ({ status: k6.answer.status, json: () => JSON.parse(k6.answer.body) }) },
  Counter: class {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    add(value: number) {
      k6.counted.set(this.name, [...(k6.counted.get(this.name) ?? []), value]);
    }
  },
  Rate: class {},
  Trend: class {},
}));
vi.stubGlobal('__ENV', { SESSION_SHARE: '10%' });
vi.stubGlobal('__VU', 0);
const { readSession, sessionOf } = await import('./session.ts');

const kept = { id: 'one', createdAt: '2026-01-01' };
const answer = (status: number, body: unknown) => {
  k6.answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
};
const lost = () => k6.counted.get('sessions_lost') ?? [];

beforeEach(() => k6.counted.clear());

test('setup keeps the session behind the token', () => {
  answer(200, { ...kept, user: 'user', role: 'user' });
  expect(sessionOf('token')).toEqual(kept);
});

test.each([0, 408, 429, 500, 503])(
  'a target that answers setup with %i leaves the run to show it',
  (status) => {
    answer(status, {});
    expect(sessionOf('token')).toBeNull();
  },
);

test('without a token there is no session', () => {
  answer(200, kept);
  expect(sessionOf(null)).toBeNull();
});

test.each([
  [404, {}],
  [401, {}],
  [200, {}],
  [200, null],
  [200, '<html>'],
])('a target that knows no session ends the run, and says what to set: %i %j', (status, body) => {
  answer(status, body);
  expect(() => sessionOf('token')).toThrow(`answered ${status} without a session: set -e SESSION_SHARE=0%`);
});

test('the session that setup read is not a lost one', () => {
  answer(200, { ...kept, role: 'user' });
  readSession(kept, {});
  expect(lost()).toEqual([0]);
});

test('if the target does not say when a session was made, its id decides, also after setup() has turned it into JSON', () => {
  answer(200, { id: 'one' });
  readSession(JSON.parse(JSON.stringify(sessionOf('token'))), {});
  expect(lost()).toEqual([0]);
});

test.each([
  ['another one', 200, { ...kept, id: 'two' }],
  ['one made anew under its name', 200, { ...kept, createdAt: '2026-01-02' }],
  ['none', 200, {}],
  ['no JSON', 200, 'OK'],
  ['a refusal', 401, {}],
  ['not found', 404, {}],
])('%s is a lost session', (_, status, body) => {
  answer(status, body);
  readSession(kept, {});
  expect(lost()).toEqual([1]);
  expect(k6.counted.get('sessions_lost_samples')).toEqual([1]);
});

test.each([0, 408, 429, 502, 503, 504])('%i says nothing about the session', (status) => {
  answer(status, {});
  readSession(kept, {});
  expect(lost()).toEqual([]);
});

test('with nothing to compare, nothing is counted', () => {
  answer(200, kept);
  readSession(null, {});
  expect([...k6.counted]).toEqual([]);
});
