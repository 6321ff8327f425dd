import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEADER, line, request } from '../../../test/csv-lines.ts';
import { REQUEST_METRICS, type SampleVisitor } from '../recording/records.ts';
import { parsePairs, type TagSet } from '../recording/tag-sets.ts';
import { createRecorder } from './recorder.ts';

const isNoRequest = (metric: string) => !metric.startsWith('http_req');

interface Seen {
  requests: {
    name: string | undefined;
    end: number;
    duration: number;
    blocked: number;
    failed: boolean;
    tags: TagSet;
  }[];
  samples: { metric: string; tags: TagSet; time: number; value: number; metadata: string }[];
}

function scan(text: string, pieces: readonly number[] = [], wants = isNoRequest) {
  const seen: Seen = { requests: [], samples: [] };
  const visitor: SampleVisitor = {
    wants,
    request: (tags, end, duration, blocked, failed) =>
      seen.requests.push({ name: tags.tags.name, end, duration, blocked, failed, tags }),
    sample: (metric, tags, time, value, metadata) =>
      seen.samples.push({ metric, tags, time, value, metadata }),
  };
  const scanner = createRecorder(visitor, () => {});
  const bytes = Buffer.from(text);
  let from = 0;
  for (const length of pieces) {
    scanner.push(bytes.subarray(from, from + length));
    from = Math.min(bytes.length, from + length);
  }
  scanner.push(bytes.subarray(from));
  return { ...seen, end: scanner.end() };
}

test('nine lines make one request, with its end, duration and waiting time', () => {
  const { requests, end } = scan(HEADER + request('GET /', '1795357229774519872', '3.009639'));
  expect(requests).toMatchObject([{ name: 'GET /', duration: 3.009639, blocked: 0.5, failed: false }]);
  expect(requests[0]?.end).toBeCloseTo(1795357229774.52, 3);
  expect(end).toEqual({ detail: '', samples: 9, folded: false });
});

test('quotes, commas and line breaks in tags are part of the tags', () => {
  const name = 'GET "x", y\nz é';
  const { requests } = scan(HEADER + request(name, '1795357229774519872', '1.0', false, 'a=1,2&b="q"'));
  expect(requests[0]?.tags.tags).toMatchObject({ name, a: '1,2', b: '"q"' });
});

test('the same tags in another order are the same set', () => {
  const { requests } = scan(
    HEADER +
      request('n', '1795357229774519872', '1.0', false, 'a=1&b=2') +
      request('n', '1795357229774519873', '1.0', false, 'b=2&a=1'),
  );
  expect(requests[0]?.tags).toBe(requests[1]?.tags);
});

test('how the bytes are cut into pieces changes nothing', () => {
  const text =
    HEADER +
    request('GET "a,b"\n', '1795357229774519872', '3.5', true) +
    line({ metric: 'squall_writes_acknowledged', metadata: 'squall_write=id-1,"x"' }) +
    request('b', '1795357229874519872', '12.25') +
    line({ metric: 'my_trend', value: '-1.500000' });
  const whole = scan(text);
  expect(whole.requests).toHaveLength(2);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 60 }), (pieces) => {
      expect(JSON.stringify(scan(text, pieces))).toBe(JSON.stringify(whole));
    }),
  );
});

test('values: negative, not a number, large, without fraction', () => {
  const values = ['-1.500000', 'NaN', '+Inf', '12345678.000001', '7'];
  const { samples } = scan(HEADER + values.map((value) => line({ metric: 'm', value })).join(''));
  expect(samples.map((s) => s.value)).toEqual([
    -1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    12345678.000001,
    7,
  ]);
});

test('each value of a request can be had by itself', () => {
  const all = scan(HEADER + request('n', '1795357229774519872', '7.000001', true), [], () => true);
  expect(all.requests).toHaveLength(1);
  expect(all.samples.map(({ metric, value }) => [metric, value])).toEqual([
    ['http_reqs', 1],
    ['http_req_duration', 7.000001],
    ['http_req_blocked', 0.5],
    ['http_req_connecting', 0.25],
    ['http_req_tls_handshaking', 0],
    ['http_req_sending', 0.01],
    ['http_req_waiting', 0.02],
    ['http_req_receiving', 0.03],
    ['http_req_failed', 1],
  ]);
});

test('metadata is handed over unquoted', () => {
  const { samples } = scan(HEADER + line({ metric: 'm', metadata: 'squall_write=a,"b"' }));
  expect(samples[0]?.metadata).toBe('squall_write=a,"b"');
  expect(parsePairs('squall_write=a&trace_id=t&x')).toEqual({ squall_write: 'a', trace_id: 't&x' });
});

test('columns are read from the header: a k6 with fewer system tags is understood', () => {
  const text =
    'metric_name,timestamp,metric_value,name,scenario,extra_tags,metadata\nhttp_reqs,1795357229774519872,1.000000,n,s,k=v,\n';
  const { requests, end } = scan(text);
  expect(requests[0]?.tags.tags).toEqual({ name: 'n', scenario: 's', k: 'v' });
  expect(end.detail).toBe('');
});

test.each([
  ['nothing at all', '', 'no header'],
  ['something else', 'hello\nworld\n', 'not a CSV header'],
  [
    'a cut last line',
    HEADER + request('n', '1795357229774519872', '1.0').slice(0, -20),
    'the last line is cut',
  ],
  [
    'a line of garbage',
    `${HEADER}!!!garbage!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\n${request('n', '1795357229774519872', '1.0')}`,
    '1 line cannot be read',
  ],
  ['times in seconds', HEADER + line({ metric: 'm', time: '1795357229' }), '1 line cannot be read'],
])('%s is not complete, and says so', (_title, text, detail) => {
  expect(scan(text).end).toMatchObject({ detail: expect.stringContaining(detail) });
});

test('a cut anywhere is noticed', () => {
  const whole = HEADER + request('GET "a"', '1795357229774519872', '3.5', true);
  const text = whole + request('b', '1795357229774519999', '3.5');
  const first = whole.length;
  // Within a first request that has not ended, nothing tells a cut at a line's end from a k6 that does not judge requests.
  for (let length = 0; length < text.length; length += text[length] === '\n' ? 1 : 3) {
    if (length > HEADER.length && length < first && text[length - 1] === '\n') continue;
    const cut = scan(text.slice(0, length));
    expect(cut.end.detail === '', `cut at ${length}`).toBe(length === HEADER.length || length === first);
  }
});

test('garbage never throws and never counts as a request of its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), (bytes, withHeader) => {
      const garbage = Buffer.from(bytes).toString('latin1');
      expect(scan((withHeader ? HEADER : '') + garbage).requests).toEqual([]);
    }),
  );
});

test('what setup and teardown send is no load: it has no scenario, and a group of k6', () => {
  const isLoad = (tags: Record<string, string>, before = '') =>
    scan(HEADER + before + line({ metric: 'm', tags })).samples.at(-1)?.tags.inLoad;
  const begun = line({ metric: 'iterations', tags: { scenario: 'all' } });
  expect(isLoad({ group: '::setup' })).toBe(false);
  expect(isLoad({ group: '::teardown::more' })).toBe(false);
  // A script may call its groups so, in the middle of an iteration.
  expect(isLoad({ group: '::setup', scenario: 'all' })).toBe(true);
  expect(isLoad({ group: '::setup cart', scenario: 'all' })).toBe(true);
  // Nor can it empty the scenario of a request to hide it: setup() is over when a scenario has begun.
  expect(isLoad({ group: '::browse' }, begun)).toBe(true);
  expect(isLoad({ group: '::setup' }, line({ metric: 'm', tags: { group: '::setup' } }) + begun)).toBe(true);
  expect(isLoad({ group: '::setup cart' })).toBe(false);
  expect(isLoad({ group: '::teardown', scenario: 'all' })).toBe(true);
  // k6's own numbers, such as `vus`, have no scenario.
  expect(isLoad({})).toBe(true);
});

test('no tag of a script changes what k6 says in its columns', () => {
  const tagsOf = (extra: string) => {
    const text = HEADER + request('GET /orders', '1795357229774519872', '1.0', true, extra);
    return scan(text).requests[0]?.tags;
  };
  const own = { name: 'GET /orders', scenario: 's', expected_response: 'false' };
  for (const key of [
    'name',
    'scenario',
    'group',
    'status',
    'error_code',
    'expected_response',
    'check',
    'url',
  ]) {
    const tags = tagsOf(`asked=/x?a=1&${key}=forged`);
    expect(tags?.tags, key).toEqual({
      ...own,
      asked: `/x?a=1&${key}=forged`,
    });
    expect(tags?.ambiguous, key).toBe(`asked=/x?a=1&${key}=forged`);
  }
  expect(tagsOf('q=a&b&=c')?.tags).toMatchObject({ ...own, q: 'a&b', '': 'c' });
  expect(tagsOf('q=1&q=2&status=')?.tags).toMatchObject({ ...own, q: '1&q=2&status=' });
  expect(tagsOf('a=1&b=2')?.ambiguous).toBeUndefined();
  expect(tagsOf('__proto__=x')?.tags).toMatchObject(own);
});

test('a script that puts ids into its URLs takes no more memory than the limit', () => {
  let text = HEADER;
  for (let i = 0; i < 6000; i++) text += line({ metric: 'm', tags: { name: `/items/${i}`, scenario: 's' } });
  const { samples, end } = scan(text);
  expect(end.folded).toBe(true);
  expect(samples.at(-1)?.tags).toMatchObject({ folded: true, tags: { scenario: 's' } });
  expect(Math.max(...samples.map((s) => s.tags.id))).toBeLessThan(5100);
});

test('a request that k6 does not judge is judged by its status', () => {
  const unjudged: boolean[] = [];
  const seen: Seen['requests'] = [];
  const visitor: SampleVisitor = {
    wants: () => false,
    request: (tags, end, duration, blocked, failed) =>
      seen.push({ name: tags.tags.name, end, duration, blocked, failed, tags }),
    sample() {},
    unjudged: (_tags, isKnown) => unjudged.push(isKnown),
  };
  const lines = (tags: Record<string, string>) =>
    REQUEST_METRICS.slice(0, -1)
      .map((metric) => line({ metric, tags }))
      .join('');
  const judge = (text: string) => {
    seen.length = 0;
    unjudged.length = 0;
    const recorder = createRecorder(visitor, () => {});
    recorder.push(Buffer.from(text));
    expect(recorder.end().detail).toBe('');
    return seen.map((one) => one.failed);
  };
  const statuses = ['200', '399', '400', '500', '0', ''];
  const all = statuses.map((status) => lines({ status })).join('');
  expect(judge(HEADER + all)).toEqual([false, false, true, true, true, true]);
  expect(unjudged).toEqual(Array(6).fill(true));
  // What the script writes itself into a column of k6 that k6 left empty decides nothing.
  expect(
    judge(HEADER + lines({ status: '500', expected_response: 'true' }) + lines({ status: '200' })),
  ).toEqual([true, false]);
  expect(judge(HEADER + lines({ status: '200', error_code: '1050' }))).toEqual([false]);
  // The last request of a run may be the one that is not judged.
  const judged = request('GET /', '1795357229774519872', '1.0');
  expect(judge(HEADER + judged + lines({ status: '500' }))).toEqual([false, true]);
  expect(judge(HEADER + judged + lines({ status: '500', expected_response: 'own' }))).toEqual([false, true]);
  const small = (columns: string) => `metric_name,timestamp,metric_value,${columns},extra_tags,metadata\n`;
  const row = (values: string) => `http_reqs,1795357229774519872,1.000000,${values},,\n`;
  expect(judge(small('error_code,name') + row('1050,a') + row(',a'))).toEqual([true, false]);
  expect(judge(small('name') + row('a'))).toEqual([false]);
  expect(unjudged).toEqual([false]);
});
