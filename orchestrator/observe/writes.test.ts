import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { environment } from '../../chaos/schema/environment.ts';
import { createHttpClient } from './http-client.ts';
import { checkWrites, type LookUp } from './writes.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A plain REST API: /posts/<id>, /posts?key=<id> as a list, /wrapped?key=<id> as an object around one. */
async function api(counts: Readonly<Record<string, number>>): Promise<string> {
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const id = searchParams.get('key') ?? decodeURIComponent(pathname.slice('/posts/'.length));
    const list = Array.from({ length: counts[id] ?? 0 }, () => ({ key: id }));
    if (pathname === '/posts') return response.end(JSON.stringify(list));
    if (pathname === '/wrapped')
      return response.end(JSON.stringify({ data: { items: list, total: list.length } }));
    if (pathname === '/null') return response.end(list.length === 0 ? 'null' : '{}');
    if (pathname === '/is-there') return response.end(String(list.length > 0));
    if (pathname === '/count') return response.end(String(list.length));
    if (pathname === '/no-body') return response.writeHead(204).end();
    if (pathname === '/broken') return response.writeHead(500).end();
    response.writeHead(list.length === 0 ? 404 : 200).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function check(ids: readonly string[], how: Partial<LookUp>) {
  const http = createHttpClient();
  closing.push(() => http.close());
  async function* acknowledged() {
    yield ids;
  }
  const lookUp = { headers: {}, batch: 500, ...how };
  const signal = new AbortController().signal;
  const { type: _, acknowledged: _all, ...found } = await checkWrites(acknowledged(), lookUp, http, signal);
  return found;
}

const odd = 'a/b ü&c';

test('looks each write up at a URL of its own', async () => {
  const url = await api({ a: 1, [odd]: 1 });
  const found = await check(['a', odd, 'gone'], { each: `${url}/posts/{id}` });
  const counts = { lostIds: ['gone'], duplicatedIds: [], present: 2, failure: null };
  expect(found).toEqual({ ...counts, seesDuplicates: false });
});

test.each([
  ['/null?key={id}', { seesDuplicates: false }],
  ['/is-there?key={id}', { seesDuplicates: false }],
  ['/count?key={id}', {}],
])('an unknown id that is answered with 200 is lost: %s', async (path, more) => {
  const found = await check(['a', 'gone'], { each: `${await api({ a: 1 })}${path}` });
  expect(found).toEqual({ lostIds: ['gone'], duplicatedIds: [], present: 1, failure: null, ...more });
});

test('an answer without a body says neither that it is there nor that it is lost', async () => {
  const found = await check(['a'], { each: `${await api({ a: 1 })}/no-body?key={id}` });
  expect(found).toMatchObject({ lostIds: [], present: 0 });
  expect(found.failure).toContain('/no-body answered 204 without a body, which does not say whether');
}, 30_000);

test.each([
  ['/posts?key={id}', undefined],
  ['/wrapped?key={id}', 'data.items'],
  ['/wrapped?key={id}', 'data.total'],
])('counts what a query finds: %s, %s', async (path, items) => {
  const url = await api({ a: 1, twice: 2, [odd]: 1 });
  const found = await check(['a', 'twice', odd, 'gone'], { each: `${url}${path}`, items });
  expect(found).toEqual({ lostIds: ['gone'], duplicatedIds: ['twice'], present: 3, failure: null });
});

test('an answer that cannot be read is a failure of the look-up, not a lost write', async () => {
  const url = await api({ a: 1 });
  const nowhere = await check(['a'], { each: `${url}/wrapped?key={id}&token=hunter2`, items: 'rows' });
  expect(nowhere.failure).toBe(
    'looking up 1 write failed 5 times: /wrapped answered without a list or a number at rows',
  );
  expect((await check(['a'], { each: `${url}/broken?{id}` })).failure).toContain('/broken answered 500');
}, 30_000);

test('asks a command for all of them', async () => {
  const script =
    "let t='';process.stdin.on('data',(d)=>t+=d).on('end',()=>console.log(JSON.stringify({counts:Object.fromEntries(JSON.parse(t).ids.map((id)=>[id,id==='gone'?0:id==='twice'?2:1]))})))";
  const found = await check(['a', 'twice', 'gone'], { command: [process.execPath, '-e', script] });
  expect(found).toEqual({ lostIds: ['gone'], duplicatedIds: ['twice'], present: 2, failure: null });
});

test.each([
  [{ lookup: 'http://x/ids', each: 'http://x/{id}' }, 'exactly one way'],
  [{}, 'exactly one way'],
  [{ each: 'http://x/posts' }, 'with {id} in it'],
  [{ lookup: 'http://x/ids', items: 'data' }, 'belongs to `each` alone'],
])('an environment with %j is refused', (writes, rule) => {
  const { error } = environment.safeParse({ name: 'x', writes });
  expect(error?.issues.map(({ message }) => message).join()).toContain(rule);
});
