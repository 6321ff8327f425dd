import { expect, test } from 'vitest';
import type { ExecHandlers } from '../../../kubernetes/exec-stream.ts';
import { createNetReader } from './net-reader.ts';

const at = { namespace: 'lab', pod: 'a', container: 'main' };
const { signal } = new AbortController();

/** A pod whose shell answers as the kernel prints, in pieces. */
function pod({ shell = 'there' }: { shell?: 'there' | 'missing' | 'refused' } = {}) {
  const shells: { handlers: ExecHandlers; closed: boolean }[] = [];
  let programs = 0;
  let looks = 0;
  return {
    shells,
    get programs() {
      return programs;
    },
    async exec() {
      programs += 1;
      return `by a program ${programs}`;
    },
    async execStream(_: unknown, command: readonly string[], handlers: ExecHandlers) {
      if (shell === 'refused') throw new Error('403');
      expect(command.slice(0, 2)).toEqual(['sh', '-c']);
      const one = { handlers, closed: false };
      shells.push(one);
      if (shell === 'missing')
        queueMicrotask(() => handlers.onEnd({ how: 'status', ok: false, message: '"sh": not found' }));
      return {
        resume() {},
        write() {
          looks += 1;
          for (const piece of [`by the sh`, `ell ${looks}\n`, '\nsquall-end-', 'of-look\n'])
            queueMicrotask(() => handlers.onOutput(Buffer.from(piece)));
        },
        close() {
          one.closed = true;
        },
      };
    },
  };
}

test('one shell serves all looks, and is closed with the reader', async () => {
  const lab = pod();
  const reader = createNetReader(lab, at);
  for (const look of [1, 2, 3]) expect(await reader.read(signal)).toBe(`by the shell ${look}\n`);
  expect(lab.shells).toHaveLength(1);
  expect(lab.programs).toBe(0);
  reader.close();
  await expect.poll(() => lab.shells[0]?.closed).toBe(true);
});

test.each(['missing', 'refused'] as const)('a shell that is %s: a program for each look', async (shell) => {
  const lab = pod({ shell });
  const reader = createNetReader(lab, at);
  expect(await reader.read(signal)).toBe('by a program 1');
  expect(await reader.read(signal)).toBe('by a program 2');
  expect(lab.shells.length).toBeLessThanOrEqual(1);
});

test('a connection that breaks costs one look; the next one opens another', async () => {
  const lab = pod();
  const reader = createNetReader(lab, at);
  await reader.read(signal);
  lab.shells[0]?.handlers.onEnd({ how: 'cut', message: 'the connection to lab/a ended' });
  await expect(reader.read(signal)).rejects.toThrow(
    'the reading of lab/a ended: the connection to lab/a ended',
  );
  expect(await reader.read(signal)).toBe('by the shell 2\n');
  expect(lab.shells).toHaveLength(2);
  expect(lab.programs).toBe(0);
});

test('a look that is given up closes its shell, so that a late answer is not taken for the next', async () => {
  const lab = pod();
  const reader = createNetReader(lab, at);
  await reader.read(signal);
  await expect(reader.read(AbortSignal.abort())).rejects.toThrow('not read in time');
  await expect.poll(() => lab.shells[0]?.closed).toBe(true);
});
