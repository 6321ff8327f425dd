import { expect, test } from 'vitest';
import { readAnswer } from './vocal-answer.ts';

test('an answer has a number, and a pitch or none', () => {
  expect(readAnswer('{"seq":7,"hz":220.5,"receivedAt":1}')).toEqual({ seq: 7, hz: 220.5 });
  expect(readAnswer('{"seq":0,"hz":null}')).toEqual({ seq: 0, hz: null });
});

test.each(['', 'ping', '{"seq":', 'null', '7', '[]', '{}', '{"seq":"7","hz":220}'])(
  'the frame %j is no answer, and no exception',
  (frame) => {
    expect(readAnswer(frame)).toBeNull();
  },
);

test('a binary frame is not an answer', () => {
  expect(readAnswer(new ArrayBuffer(8))).toBeNull();
});
