import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { activate } from './effect.ts';
import { startPump } from './pump.ts';

afterEach(() => void vi.restoreAllMocks());

const nothingPassed = { to: 0, from: 0, connects: 0 };

/** What a slow machine does to a process: each look at the clock finds it 20 ms later. */
function clockThatJumps(): void {
  let at = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    at += 20;
    return at;
  });
}

it.each(['its bytes', 'its end'])(
  'a piece that becomes due while it is looked at is given on: %s',
  async (what) => {
    const [source, sink] = [new PassThrough(), new PassThrough()];
    const latency = { kind: 'latency', directions: ['to'], delayMs: 30, jitterMs: 0 } as const;
    startPump({
      source: source as unknown as Socket,
      sink: sink as unknown as Socket,
      direction: 'to',
      effects: new Set([activate(latency, nothingPassed)]),
      passed: () => {},
    });
    clockThatJumps();
    const event = what === 'its bytes' ? 'data' : 'end';
    const given = new Promise((resolve) => sink.resume().once(event, resolve));
    if (event === 'data') source.write('one');
    else source.end();
    expect(String((await given) ?? 'end')).toBe(event === 'data' ? 'one' : 'end');
  },
);
