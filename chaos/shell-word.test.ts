import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test('a word that needs no quotes has none', () => {
  expect(shellWord('/srv/app:8080/K=v@host-1.log')).toBe('/srv/app:8080/K=v@host-1.log');
});

test('a shell reads back what was quoted, whatever it was', () => {
  const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 30 }), { numRuns: 50, seed: 7 });
  const words = ['', ' ', '$(id)', "it's", '`x`', '\\', '*', '~', '-n', 'a\nb', ...texts].filter(
    (word) => !word.includes('\0'),
  );
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`]);
  expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words);
});
