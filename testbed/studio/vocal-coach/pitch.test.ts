import { expect, test } from 'vitest';
import { detectPitch } from './pitch.ts';

const sampleRate = 16_000;

function tone(hz: number, { harmonics = [1, 0.5, 0.25], noise = 0 } = {}): Int16Array {
  return Int16Array.from({ length: 1_600 }, (_, i) => {
    const voice = harmonics.reduce(
      (sum, share, n) => sum + share * Math.sin((2 * Math.PI * hz * (n + 1) * i) / sampleRate),
      0,
    );
    return 8_000 * voice + noise * (Math.random() - 0.5);
  });
}

test.each([82.4, 110, 196, 220, 329.6, 440, 659.3])(
  'a voice at %d Hz is found within half a per cent',
  (hz) => {
    expect(Math.abs((detectPitch(tone(hz), sampleRate) ?? 0) / hz - 1)).toBeLessThan(0.005);
    expect(Math.abs((detectPitch(tone(hz, { noise: 600 }), sampleRate) ?? 0) / hz - 1)).toBeLessThan(0.01);
  },
);

test('a weak fundamental is not mistaken for its octave', () => {
  const hz = detectPitch(tone(150, { harmonics: [0.3, 1, 0.6] }), sampleRate);
  expect(Math.abs((hz ?? 0) / 150 - 1)).toBeLessThan(0.01);
});

test('silence and noise have no pitch', () => {
  expect(detectPitch(new Int16Array(1_600), sampleRate)).toBeNull();
  let state = 1;
  const noise = Int16Array.from({ length: 1_600 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 20_000) - 10_000;
  });
  expect(detectPitch(noise, sampleRate)).toBeNull();
});
