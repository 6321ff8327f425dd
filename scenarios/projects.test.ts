import { beforeEach, expect, test, vi } from 'vitest';
import { sums } from '../test/summing-k6.ts';

type Answer = { status: number; body?: string };

/** What the target answers, by kind of request, and which requests there were. */
const target = vi.hoisted(() => ({
  answers: {} as Record<string, (key: string) => Answer>,
  asked: [] as string[],
}));
vi.mock('./lib/runtime/k6.ts', async () => {
  const { metrics } = await import('../test/summing-k6.ts');
  const answer = (how: string, url: string, key = '') => {
    const { pathname, search } = new URL(url);
    target.asked.push(`${how} ${pathname}`);
    const kind = `${how} ${search ? 'search' : pathname === '/api/projects' ? 'all' : 'one'}`;
    const { status, body = '' } = target.answers[kind]?.(key) ?? { status: 404 };
    return { status, body, json: (): unknown => JSON.parse(body) };
  };
  let written = '';
  return {
    http: {
      expectedStatuses: () => null,
      get: (url: string) => answer('GET', url, written),
      post: (url: string, _body: string, { headers }: { headers: Record<string, string> }) => {
        written = headers['Idempotency-Key'] ?? written;
        return answer('POST', url, written);
      },
      batch: (both: unknown[]) => both.map((_, i) => ({ status: i === 0 ? 200 : 409 })),
    },
    exec: { vu: { iterationInScenario: 1, metrics: { metadata: {} } } },
    sleep: () => {},
    ...metrics,
  };
});
vi.stubGlobal('__VU', 1);
vi.stubGlobal('__ENV', {});
const { default: projectsUnderLoad } = await import('./projects.ts');

const page = '<html>We will be back soon.</html>';
const project = (key: string) => JSON.stringify({ id: 'p1', name: `load ${key}` });

beforeEach(() => {
  target.asked.length = 0;
  sums.clear();
  target.answers = {
    'POST all': (key) => ({ status: 201, body: project(key) }),
    'GET one': (key) => ({ status: 200, body: project(key) }),
    'GET search': (key) => ({ status: 200, body: `{"projects":[${project(key)}]}` }),
  };
});

const counts = (...names: string[]): (number | undefined)[] => {
  projectsUnderLoad({ token: null });
  return names.map((name) => sums.get(`projects_${name}`));
};

test('a write that is there, once, leaves nothing open', () => {
  expect(counts('lost', 'unread', 'duplicated', 'uncounted')).toEqual([0, 0, 0, 0]);
  expect(target.asked).toContain('GET /api/projects/p1');
});

test.each([
  ['is not there', { status: 404, body: page }],
  ['is another one', { status: 200, body: '{"id":"p1","name":"mine"}' }],
  ['has lost its name', { status: 200, body: '{"id":"p1","name":null}' }],
])('a write that %s is lost', (_, answer) => {
  target.answers['GET one'] = () => answer;
  expect(counts('lost', 'unread')).toEqual([1, 0]);
});

test.each([
  ['a page', { status: 200, body: page }],
  ['nothing', { status: 200, body: '' }],
  ['an object that is no project', { status: 200, body: '{"status":"maintenance"}' }],
  ['an error', { status: 503, body: page }],
])('a read-back that gets %s says nothing, and the write stays open', (_, answer) => {
  target.answers['GET one'] = () => answer;
  expect(counts('lost', 'unread')).toEqual([undefined, 1]);
});

test.each(['{}', page])(
  'a write that is acknowledged with %s is not read back under an invented id',
  (body) => {
    target.answers['POST all'] = () => ({ status: 201, body });
    expect(counts('lost', 'unread', 'duplicated', 'uncounted')).toEqual([undefined, 1, 0, 0]);
    expect(target.asked).not.toContain('GET /api/projects/undefined');
  },
);

test('a search that is answered with a page says nothing, and the count stays open', () => {
  target.answers['GET search'] = () => ({ status: 200, body: page });
  expect(counts('duplicated', 'uncounted')).toEqual([undefined, 1]);
});
