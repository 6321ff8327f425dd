import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sums } from '../test/summing-k6.ts';

/** What the target answers to orders and to questions about them, and the last user's socket. */
const target = vi.hoisted(() => ({
  order: { status: 202, body: '' },
  beat: { status: 200, body: '' },
  audio: { status: 200, body: '{"url":"http://store/a.wav?X-Amz-Signature=a0","md5":"right"}' },
  stored: { status: 200, body: '' as string | ArrayBuffer },
  forged: 403,
  socket: null as { onopen(): void; onmessage(event: { data: string }): void; closed: boolean } | null,
}));
vi.mock('./lib/runtime/k6.ts', async () => {
  const { metrics } = await import('../test/summing-k6.ts');
  const answer = ({ status, body }: { status: number; body: string | ArrayBuffer }) => ({
    status,
    body,
    json: (): unknown => JSON.parse(String(body)),
    timings: { duration: 10 },
  });
  const get = (url: string) => {
    if (url.endsWith('/audio')) return answer(target.audio);
    if (url.endsWith('=a0')) return answer(target.stored);
    if (url.endsWith('=a1')) return answer({ status: target.forged, body: '' });
    return answer(target.beat);
  };
  return {
    http: { post: () => answer(target.order), get, expectedStatuses: () => null },
    ...metrics,
  };
});
vi.mock('./lib/runtime/md5.ts', () => ({
  md5: (body: ArrayBuffer) => (body.byteLength === 60 ? 'right' : 'wrong'),
}));
vi.mock('./lib/runtime/websocket.ts', () => ({
  wsUrl: '',
  WebSocket: class {
    closed = false;
    constructor() {
      target.socket = this as never;
    }
    close(): void {
      this.closed = true;
    }
  },
}));
vi.stubGlobal('__VU', 1);
vi.stubGlobal('__ENV', {});
const { default: orderBeat } = await import('./beats.ts');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sums.clear();
  target.order = { status: 202, body: '{"id":"b1","queuedAt":1000000}' };
  target.beat = { status: 200, body: '{"id":"b1","state":"done"}' };
  target.audio = { status: 200, body: '{"url":"http://store/a.wav?X-Amz-Signature=a0","md5":"right"}' };
  target.stored = { status: 200, body: wav(60) };
  target.forged = 403;
});
afterEach(() => vi.useRealTimers());

/** Of so many bytes, of which the header may say something else. */
function wav(bytes: number, says = bytes): ArrayBuffer {
  const file = Buffer.alloc(bytes);
  file.write('RIFF    WAVE', 0, 'latin1');
  file.writeUInt32LE(says - 8, 4);
  return file.buffer.slice(file.byteOffset, file.byteOffset + bytes) as ArrayBuffer;
}

const audio = (...names: string[]) => names.map((name) => sums.get(`audio_${name}`));

const of = (...names: string[]) => names.map((name) => sums.get(`beat_${name}`));

test('a notification that the beat is done reaches the user, who is then finished', () => {
  orderBeat({ token: null });
  target.socket?.onopen();
  const data = JSON.stringify({ id: 'b1', state: 'done', startedAt: 1_000_000, finishedAt: 1_015_000 });
  target.socket?.onmessage({ data });
  expect(of('failed', 'unannounced')).toEqual([0, 0]);
  expect(target.socket?.closed).toBe(true);
});

test.each([
  ['refused', { status: 503, body: '' }],
  ['taken with a page', { status: 202, body: '<html>' }],
  ['taken without a number', { status: 202, body: '{}' }],
])('an order that is %s has failed at once', (_, order) => {
  target.order = order;
  orderBeat({ token: null });
  target.socket?.onopen();
  expect(of('failed', 'unannounced')).toEqual([1, undefined]);
  expect(target.socket?.closed).toBe(true);
  vi.runAllTimers();
  expect(of('failed', 'unannounced')).toEqual([1, undefined]);
});

test.each([
  ['that it is done', { status: 200, body: '{"state":"done"}' }, 0],
  ['a page', { status: 200, body: '<html>' }, 1],
])('without word of it he asks once, and hears %s', (_, beat, failed) => {
  target.beat = beat;
  orderBeat({ token: null });
  target.socket?.onopen();
  vi.runAllTimers();
  expect(of('failed', 'unannounced')).toEqual([failed, 1]);
  expect(target.socket?.closed).toBe(true);
});

const finish = () => {
  orderBeat({ token: null });
  target.socket?.onopen();
  target.socket?.onmessage({ data: '{"id":"b1","state":"done"}' });
  return audio('not_stored', 'changed', 'signature_ignored');
};

test('a finished beat is fetched by its signed URL, whole and as it was stored, and not with another signature', () => {
  expect(finish()).toEqual([0, 0, 0]);
});

test.each([
  ['the database does not know it', { audio: { status: 404, body: '{}' } }, [1, undefined, undefined]],
  ['the store does not have it', { stored: { status: 404, body: '' } }, [1, undefined, 0]],
  ['it is cut off', { stored: { status: 200, body: wav(50, 60) } }, [1, 1, 0]],
  ['it is another one', { stored: { status: 200, body: wav(50) } }, [0, 1, 0]],
  ['it is a page', { stored: { status: 200, body: wav(60).slice(0, 20) } }, [1, 1, 0]],
  ['a forged URL is good', { forged: 200 }, [0, 0, 1]],
  ['a forged URL is not answered', { forged: 0 }, [0, 0, undefined]],
])('when %s, that is counted', (_, broken, counted) => {
  Object.assign(target, broken);
  expect(finish()).toEqual(counted);
});

test('a beat that failed leaves nothing to fetch', () => {
  orderBeat({ token: null });
  target.socket?.onopen();
  target.socket?.onmessage({ data: '{"id":"b1","state":"failed"}' });
  expect(audio('not_stored')).toEqual([undefined]);
});
