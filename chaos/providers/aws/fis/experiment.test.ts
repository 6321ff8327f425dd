import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FaultRequest, UndoRecord } from '../../../provider.ts';
import { type StandIn, startStandIn } from '../fixtures/stand-in.ts';
import { type ApiTrouble, BROKEN, DENIED, THROTTLED } from '../fixtures/trouble.ts';
import { furnish, requestOf, SUBNETS, TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

const LATER = { code: 'TooManyRequestsException', message: 'later', status: 429 };

let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  standIn = await startStandIn({ speed: 400 });
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const provider = createAwsProvider({ speed: 100 });
const signal = () => AbortSignal.timeout(10_000);

/** One fault, from its order to its end. */
async function goThrough(request: FaultRequest): Promise<void> {
  const { targets } = await provider.resolve(request, signal());
  const session = await provider.open({} as never, signal());
  const prepared = await session.prepare(request, targets, signal());
  await prepared.act(signal());
  await prepared.observe(signal());
  await prepared.revert(signal());
  await prepared.observeEnd(signal());
  await session.close();
}

test('(stand-in) two faults of a run with a long name are two experiments', async () => {
  const asked = requestOf(standIn, SUBNETS);
  const run = `2026-11-29T10-00-00-${'long-name-'.repeat(6)}`;
  for (const name of ['first-cut', 'second-cut'])
    await goThrough({ ...asked, run, fault: { ...asked.fault, name } });
  expect(standIn.fis.experiments.map(({ tags }) => tags['squall-fault'])).toEqual([
    'first-cut',
    'second-cut',
  ]);
});

test.each<readonly [string, string, ApiTrouble]>([
  ['500 to a template that was made', 'CreateExperimentTemplate', { does: 'fail-after', fault: BROKEN }],
  ['a look that is throttled', 'GetExperiment', { does: 'refuse', fault: THROTTLED }],
  ['a stop whose connection breaks', 'StopExperiment', { does: 'reset', carriedOut: false }],
  ['a stop that is told to come later', 'StopExperiment', { does: 'refuse', fault: LATER }],
  ['a list that fails', 'ListExperimentTemplates', { does: 'refuse', fault: BROKEN }],
  ['500 to a template that was deleted', 'DeleteExperimentTemplate', { does: 'fail-after', fault: BROKEN }],
])('(stand-in) %s changes nothing: the call is made again', async (_, action, trouble) => {
  standIn.troubles.add({ action, trouble, times: 1 });
  await goThrough(requestOf(standIn, SUBNETS));
  expect(standIn.fis.experiments.map(({ state }) => state.status)).toEqual(['stopped']);
  expect(standIn.fis.templates).toEqual([]);
  expect(standIn.calls.filter((call) => call === 'fis:StartExperiment')).toHaveLength(1);
});

test('(stand-in) a template goes although the stop is refused', async () => {
  standIn.troubles.add({ action: 'StopExperiment', trouble: { does: 'refuse', fault: DENIED } });
  await expect(goThrough(requestOf(standIn, SUBNETS))).rejects.toThrow(/cannot fis:StopExperiment/);
  expect(standIn.fis.templates).toEqual([]);
});

/** As a squall that was killed right after its order leaves it. */
async function leaveBehind() {
  const request = requestOf(standIn, SUBNETS);
  const { targets } = await provider.resolve(request, signal());
  const session = await provider.open({} as never, signal());
  const prepared = await session.prepare(request, targets, signal());
  await prepared.act(signal());
  await session.close();
  standIn.calls.length = 0;
  return prepared.undo[0] as UndoRecord;
}

test('(stand-in) an undo goes on where a stop and looks are refused for a while: undone', async () => {
  const record = await leaveBehind();
  const refuse = { does: 'refuse', fault: DENIED } as const;
  standIn.troubles.add({ action: 'StopExperiment', trouble: refuse, times: 3 });
  standIn.troubles.add({ action: 'GetExperiment', trouble: refuse, times: 5 });
  expect(await provider.undo(record, signal())).toMatchObject({ state: 'undone' });
  expect(standIn.fis.experiments.map(({ state }) => state.status)).toEqual(['stopped']);
});

test('(stand-in) an undo whose stop is refused for good has failed, and the template is gone', async () => {
  const record = await leaveBehind();
  standIn.troubles.add({ action: 'StopExperiment', trouble: { does: 'refuse', fault: DENIED } });
  expect(await provider.undo(record, AbortSignal.timeout(1_500))).toMatchObject({
    state: 'failed',
    sight: 'there',
    detail: expect.stringMatching(/^EXP\d+ has not ended in time: aws: cannot fis:StopExperiment/),
  });
  expect(standIn.fis.templates).toEqual([]);
});

test('(stand-in) an undo stops nothing that is stopping already', async () => {
  const record = await leaveBehind();
  const [experiment] = standIn.fis.experiments;
  if (experiment === undefined) throw new Error('no experiment was started');
  experiment.state = { status: 'stopping' };
  setTimeout(() => {
    experiment.state = { status: 'stopped' };
  }, 300);
  expect(await provider.undo(record, signal())).toMatchObject({ state: 'undone' });
  expect(standIn.calls).not.toContain('fis:StopExperiment');
});
