import { afterAll, beforeAll, test } from 'vitest';
import { prepareLoad, startTarget, type Target, title, wantsMachine } from './against-testbed.ts';
import { redSwitches } from './red-switches.ts';

// The switches that do not need the machine to themselves, three at a time; suite.integration.test.ts throws the others.
const load = await prepareLoad();
const all: Target[] = [];
const free: Target[] = [];
const waiting: ((target: Target) => void)[] = [];
beforeAll(async () => {
  if (load.noK6) return;
  // All are remembered, so that each is ended even if another does not come up.
  const started = await Promise.allSettled([1, 2, 3].map(async () => all.push(await startTarget())));
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  free.push(...all);
});
afterAll(async () => {
  load.remove();
  await Promise.all(all.map((target) => target.end()));
});

for (const row of redSwitches.filter((one) => !wantsMachine(one)))
  test.skipIf(load.noK6)(title(row), { concurrent: true, retry: 1 }, () =>
    withTarget((target) => load.throwSwitch(target, row)),
  );

async function withTarget(work: (target: Target) => Promise<void>): Promise<void> {
  const target = free.pop() ?? (await new Promise<Target>((resolve) => waiting.push(resolve)));
  try {
    await work(target);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free.push(target);
    else next(target);
  }
}
