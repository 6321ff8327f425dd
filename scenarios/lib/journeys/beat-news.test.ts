import { expect, test } from 'vitest';
import { announcedAfterMs, clockOffsetMs, readNews, tookMs } from './beat-news.ts';

/** What both clocks show this many milliseconds after the order was sent; the server's is wrong by `wrongMs`. */
const client = (ms: number) => 1_700_000_000_000 + ms;
const serverThatIs = (wrongMs: number) => (ms: number) => client(ms) + wrongMs;

const done = (startedAt: unknown, finishedAt: unknown) => {
  const news = readNews(JSON.stringify({ id: 'b', state: 'done', startedAt, finishedAt }));
  if (news === null) throw new Error('not read');
  return news;
};

test.each([0, 3_600_000, -3_600_000, 1_500])(
  'a server whose clock is wrong by %d ms has beats no longer, and tells of them no later',
  (wrongMs) => {
    const server = serverThatIs(wrongMs);
    // The order is sent at 0, accepted at 20, answered at 40; the beat begins at 50, ends at 12_050, and is announced at 12_075.
    const offset = clockOffsetMs({ answeredAt: client(40), requestMs: 40, queuedAt: server(20) });
    expect(offset).toBe(0 - wrongMs);
    const news = done(server(50), server(12_050));
    expect(tookMs(news)).toBe(12_000);
    expect(announcedAfterMs(news, client(12_075), offset)).toBe(25);
    expect(announcedAfterMs(news, client(13_550), offset)).toBe(1_500);
  },
);

test('the offset is wrong by at most half of the request’s time, however that is split between the two ways', () => {
  const server = serverThatIs(7_000);
  for (const queuedAt of [server(0), server(40)]) {
    const offset = clockOffsetMs({ answeredAt: client(40), requestMs: 40, queuedAt });
    expect(Math.abs((offset ?? Number.NaN) + 7_000)).toBe(20);
  }
});

test('times that the server does not give are not guessed', () => {
  const order = { answeredAt: client(40), requestMs: 40 };
  expect(clockOffsetMs({ ...order, queuedAt: undefined })).toBeNull();
  expect(clockOffsetMs({ ...order, queuedAt: '2026-01-01T00:00:00Z' })).toBeNull();
  expect(tookMs(done(null, 5))).toBeNull();
  expect(tookMs(done(5, undefined))).toBeNull();
  expect(announcedAfterMs(done(1, 5), client(0), null)).toBeNull();
  expect(announcedAfterMs(done(1, null), client(0), 0)).toBeNull();
});

test.each(['', 'ping', 'null', '[]', '{"id":"b"}', '{"id":7,"state":"done"}'])(
  'the frame %j is no news of a beat, and no exception',
  (frame) => {
    expect(readNews(frame)).toBeNull();
  },
);
