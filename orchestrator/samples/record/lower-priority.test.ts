import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { entryPoint } from '../../package.ts';

/** The priority of a process that was started with this one and lowers it. Compiled code: Node 20 runs no other. */
function priorityAfter(nice: number): number {
  const module = JSON.stringify(entryPoint('orchestrator/samples/record/lower-priority'));
  const code = `import { getPriority } from 'node:os'; (await import(${module})).lowerPriority(); console.log(getPriority());`;
  const own = ['-n', String(nice), process.execPath, '--input-type=module', '-e', code];
  return Number(execFileSync('nice', own, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

// The priority of this test itself counts, too: what it starts is never above it.
test('a priority that is lower already stays as it is: to raise it takes a right that not everybody has', () => {
  expect(priorityAfter(19)).toBe(19);
});
