import { beforeEach, expect, test, vi } from 'vitest';

const k6 = vi.hoisted(() => ({ answer: { status: 200, body: {} as unknown }, asked: [] as string[] }));
vi.mock('./k6.ts', () => ({
  http: {
    post: (url: string, body: string) => {
      k6.asked.push(`${url} ${body}`);
      const { status, body: given } = k6.answer;
      const json = () => (typeof given === 'string' ? JSON.parse(given) : given);
      return { status, error: 'dial refused', json };
    },
  },
}));
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { bearer, login } = await import('./auth.ts');

beforeEach(() => {
  k6.answer = { status: 200, body: { token: 'abc' } };
  k6.asked.length = 0;
  vi.stubGlobal('__ENV', {});
});

test('a login returns the token', () => {
  expect(login()).toBe('abc');
  expect(k6.asked).toEqual(['http://127.0.0.1:9000/api/login {"user":"user","password":"squall"}']);
  expect(bearer('abc')).toEqual({ Authorization: 'Bearer abc' });
});

test('a given token is used without a login', () => {
  vi.stubGlobal('__ENV', { TOKEN: 'given' });
  expect(login()).toBe('given');
  expect(k6.asked).toEqual([]);
});

test('a refused user ends the run, and says what to set', () => {
  k6.answer = { status: 401, body: {} };
  expect(login).toThrow('refused with 401: set -e USER_NAME and -e PASSWORD, or -e TOKEN');
});

test.each([{}, null, '<html>'])('an answer without a token ends the run: %j', (body) => {
  k6.answer = { status: 200, body };
  expect(login).toThrow('answered 200 without a token');
});

test.each([0, 429, 503])('when the target answers %i, the run goes on and shows it', (status) => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  k6.answer = { status, body: {} };
  expect(login()).toBeNull();
  expect(error.mock.calls[0]?.[0]).toContain('is the target up');
  expect(bearer(null)).toEqual({});
  error.mockRestore();
});
